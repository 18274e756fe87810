import {
  type AnySchemeConfig,
  type Key,
  type SchemeFactory,
  type SchemeRegistry,
  TokenmarkError,
} from "@tokenmark/core";
import type { EngineContract } from "./contract.ts";
import { kgwContracts } from "./contracts/kgw/contracts.ts";
import { markllmContracts } from "./contracts/markllm/contracts.ts";
import { sglangContracts } from "./contracts/sglang/contracts.ts";
import { synthidContracts } from "./contracts/synthid/contracts.ts";
import { textsealContracts } from "./contracts/textseal/contracts.ts";
import { threeBricksContracts } from "./contracts/three-bricks/contracts.ts";
import { unigramContracts } from "./contracts/unigram/contracts.ts";
import { vllmContracts } from "./contracts/vllm/contracts.ts";
import { secretsOf } from "./engine-key.ts";
import { readFields } from "./field.ts";

/** Every contract that can be read, by id. */
export const engineContracts: readonly EngineContract[] = Object.freeze([
  ...kgwContracts,
  ...synthidContracts,
  ...vllmContracts,
  ...sglangContracts,
  ...textsealContracts,
  ...markllmContracts,
  ...unigramContracts,
  ...threeBricksContracts,
]);

/** Marks that are known by name only: their hash is not public, so nothing can be said about a text. */
const UNKNOWN: Readonly<Record<string, string>> = Object.freeze({
  "tensorrt-llm-gumbel": "TensorRT-LLM documents its settings but not its hash, key derivation or statistic",
  "tensorrt-llm-gumbel-dual-key": "TensorRT-LLM documents its settings but not its hash, key derivation or statistic",
  "llamacpp-synthid": "llama.cpp's sampler is described without n-gram length, table rule and history",
});

/**
 * The contract of an id.
 *
 * @throws TokenmarkError `unknown-contract`: for an id that nobody has, or for an engine whose contract is not public. That is
 * never the same as "not marked".
 */
export function findContract(id: string): EngineContract {
  const found = engineContracts.find((contract) => contract.id === id);
  if (found !== undefined) return found;
  if (Object.hasOwn(UNKNOWN, id)) {
    throw new TokenmarkError(
      "unknown-contract",
      `contract ${id}: unknown contract, which is not "not marked": ${UNKNOWN[id]}`,
    );
  }
  const known = engineContracts.map((contract) => contract.id).join(", ");
  throw new TokenmarkError(
    "unknown-contract",
    `contract: wanted one of ${known}, got ${JSON.stringify(id.slice(0, 60))}`,
  );
}

/** The contract that a config names, if it is another engine's. */
export function contractOf({ scheme }: Pick<AnySchemeConfig, "scheme">): EngineContract | undefined {
  return Object.hasOwn(engineRegistry, scheme) ? findContract(scheme) : undefined;
}

/** Whether a contract's key is the same for everybody. */
export const isKeyless = ({ secrets }: Pick<EngineContract, "secrets">): boolean => Object.keys(secrets).length === 0;

function factoryOf(id: string): SchemeFactory {
  const blindSpots = engineContracts.find((contract) => contract.id === id)?.blindSpots;
  return Object.freeze({
    ...(blindSpots === undefined ? {} : { blindSpots }),
    parse(config: Readonly<Record<string, unknown>>) {
      const contract = findContract(id);
      return readFields(id, contract.parameters, config, "bad-config");
    },
    create(config: Readonly<Record<string, unknown>>, key: Key) {
      const contract = findContract(id);
      return contract.create(readFields(id, contract.parameters, config, "bad-config"), secretsOf(contract, key));
    },
    traps(...[config, key, text]: Parameters<NonNullable<SchemeFactory["traps"]>>) {
      const contract = findContract(id);
      const parameters = readFields(id, contract.parameters, config, "bad-config");
      return contract.traps?.(parameters, secretsOf(contract, key), text) ?? [];
    },
  });
}

/** All contracts as data for core's `createScheme`, `parseProfile` and the detector's `diagnose`. */
export const engineRegistry: SchemeRegistry = Object.freeze(
  Object.fromEntries(
    [...engineContracts.map(({ id }) => id), ...Object.keys(UNKNOWN)].map((id) => [id, factoryOf(id)]),
  ),
);
