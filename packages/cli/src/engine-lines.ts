import type { EngineContract, EngineReading, EngineText } from "@tokenmark/engines";
import { secretsOf } from "@tokenmark/engines";
import type { SchemeChoice } from "./scheme-choice.ts";

/** What the engine's own detector would print; null for our own schemes and for engines without a detector. */
export function readAsEngine({ config, key, contract }: SchemeChoice, text: EngineText): EngineReading | null {
  if (contract?.engineReading === undefined) return null;
  const { scheme: _, ...parameters } = config;
  return contract.engineReading(parameters, secretsOf(contract, key), text);
}

function figure(value: number | null): string {
  if (value === null) return "none";
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(3) : String(Number(value.toPrecision(6)));
}

function verdict(marked: boolean | null): string {
  if (marked === null) return "none: it prints no verdict";
  return marked ? "marked, at its own threshold" : "not marked, at its own threshold";
}

function readingLines(reading: EngineReading | null): readonly string[] {
  if (reading === null) return ["  it has no detector of its own"];
  const { tokensScored, statisticName, statistic, pValue, marked, faults } = reading;
  return [
    `  statistic      ${figure(statistic)} (${statisticName})`,
    `  p-value        ${pValue === null ? "none: it prints none" : figure(pValue)}`,
    `  tokens scored  ${tokensScored}`,
    `  verdict        ${verdict(marked)}`,
    ...faults.map((fault) => `  fault          ${fault}`),
  ];
}

/** The engine's own reading and what its mark can prove, for a person at a terminal. */
export function engineLines(
  { id, engine, securityFacts }: EngineContract,
  reading: EngineReading | null,
): readonly string[] {
  return [
    "",
    `What ${engine}'s own detector would say of the same ids (${id}):`,
    "",
    ...readingLines(reading),
    ...(securityFacts.length === 0
      ? []
      : ["", "What to know of this mark:", ...securityFacts.map((fact) => `  - ${fact}`)]),
  ];
}
