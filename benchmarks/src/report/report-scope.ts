import { TokenmarkError } from "@tokenmark/core";
import type { SchemeFacts, SurvivalResults } from "../survival/results.ts";

/** What a report may be told; everything has a default that follows from the results. */
export interface ReportOptions {
  /** Strength of an attack in the scheme × attack table, by the attack's name. Default: the middle one of those run, the greater of two. */
  readonly strengths?: Readonly<Record<string, number>>;
  /** The strong attack that is singled out. Default: one named like a round trip, else the one that leaves the fewest texts found. */
  readonly strongAttack?: string;
}

/** Schemes that mark: all but the unmarked texts that the others are compared with. */
export function markingSchemes({ schemes }: Pick<SurvivalResults, "schemes">): readonly SchemeFacts[] {
  return schemes.filter(({ config, engine }) => config !== null || engine !== null);
}

/** The greatest length that one model's cells were measured at; null if none was. */
export function greatestLength({ cells }: Pick<SurvivalResults, "cells">, model: string): number | null {
  const lengths = cells
    .filter((cell) => cell.model === model && cell.status === "measured")
    .map(({ length }) => length);
  return lengths.length === 0 ? null : lengths.reduce((a, b) => Math.max(a, b));
}

/** Names of the attacks that change texts, in the order of the results. */
export function attackNames({ attacks, cells }: Pick<SurvivalResults, "attacks" | "cells">): readonly string[] {
  const names = new Set([...attacks.map(({ name }) => name), ...cells.map(({ attack }) => attack)]);
  names.delete("none");
  return [...names];
}

/** Strengths at which an attack was to be run, ascending. */
export function strengthsOf({ cells }: Pick<SurvivalResults, "cells">, attack: string): readonly number[] {
  const strengths = new Set(cells.filter((cell) => cell.attack === attack).map(({ strength }) => strength));
  return [...strengths].sort((a, b) => a - b);
}

/** The strength that stands for an attack in tables; null if it has no cells. */
export function chosenStrength(
  results: Pick<SurvivalResults, "cells">,
  attack: string,
  { strengths: wanted }: ReportOptions = {},
): number | null {
  const strengths = strengthsOf(results, attack);
  const named = wanted !== undefined && Object.hasOwn(wanted, attack) ? wanted[attack] : undefined;
  if (named !== undefined && strengths.includes(named)) return named;
  return strengths[strengths.length >> 1] ?? null;
}

/**
 * Refuses options that name an attack or a strength which was not run.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function checkReportOptions(
  results: Pick<SurvivalResults, "attacks" | "cells">,
  { strengths = {}, strongAttack }: ReportOptions,
): void {
  const known = attackNames(results);
  for (const attack of [...Object.keys(strengths), ...(strongAttack === undefined ? [] : [strongAttack])]) {
    if (!known.includes(attack)) {
      throw new TokenmarkError(
        "bad-argument",
        `attack: wanted one of ${known.join(", ")}, got ${JSON.stringify(attack)}`,
      );
    }
  }
  for (const [attack, strength] of Object.entries(strengths)) {
    const run = strengthsOf(results, attack);
    if (!run.includes(strength)) {
      throw new TokenmarkError(
        "bad-argument",
        `strength of ${attack}: wanted one of ${run.join(", ")}, got ${strength}`,
      );
    }
  }
}
