import { type EngineSecret, Key } from "@tokenmark/core";
import type { EngineContract } from "./contract.ts";
import { readFields } from "./field.ts";

/**
 * The key of an engine's mark, from its secret parameters under the engine's own names. 64-bit keys as strings or bigints.
 *
 * @throws TokenmarkError `bad-key`; the message names the parameter and never its value.
 */
export function engineKey(contract: EngineContract, secrets: Readonly<Record<string, unknown>>): Key {
  return Key.fromEngine(readFields(`${contract.id} key`, contract.secrets, secrets, "bad-key") as EngineSecret);
}

/** The checked secret parameters of a key. */
export function secretsOf(contract: EngineContract, key: Key): Readonly<Record<string, unknown>> {
  return readFields(`${contract.id} key`, contract.secrets, key.engineSecret(), "bad-key");
}
