import { type AnySchemeConfig, createScheme, Key, type WatermarkScheme } from "@tokenmark/core";
import { contractOf, drawEngineKey, engineRegistry } from "@tokenmark/engines";
import { sha256 } from "./sha256.ts";

/** Makes one scheme of the suite under as many keys as are asked for. */
export interface SchemeMaker {
  readonly label: string;
  /** Complete, with defaults and vocabulary size filled in. */
  readonly config: AnySchemeConfig;
  readonly distortionFree: boolean;
  /** The contract whose mark it is; null for ours. */
  readonly engine: string | null;
  /** The scheme under the key that a name stands for; same name, same key. */
  create(keyName: string): WatermarkScheme;
  /** The key itself. Keys of benchmarks follow from seeds and protect nothing. */
  keyOf(keyName: string): Key;
  /** What keys are derived from, by {@link labelOf}; an engine's are drawn from what was derived. */
  readonly master: Key;
  labelOf(keyName: string): string;
}

/**
 * Makes the maker of one scheme. Keys follow from `seed` alone, so that a run can be repeated; they protect nothing.
 *
 * @throws TokenmarkError `bad-config`, `unknown-contract`.
 */
export function schemeMaker(label: string, config: AnySchemeConfig, seed: string): SchemeMaker {
  const registry = engineRegistry;
  const master = Key.fromHex(sha256(`tokenmark survival benchmark, keys of ${seed}`));
  const contract = contractOf(config);
  const labelOf = (keyName: string): string => `${label}/${keyName}`;
  const keyOf = (keyName: string): Key => {
    const key = master.derive(labelOf(keyName));
    return contract === undefined ? key : drawEngineKey(contract, key, "survival");
  };
  const create = (keyName: string): WatermarkScheme => createScheme(config, keyOf(keyName), { registry });
  return Object.freeze({
    label,
    config,
    distortionFree: create("facts").distortionFree,
    engine: contract?.id ?? null,
    create,
    keyOf,
    master,
    labelOf,
  });
}
