import { type AnySchemeConfig, createScheme, Key, type WatermarkScheme } from "@tokenmark/core";
import { drawEngineKey, engineRegistry, findContract } from "@tokenmark/engines";
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
  /** Public id of that key; of an engine's mark, of what its secret is drawn from. */
  keyId(keyName: string): string;
}

/**
 * Makes the maker of one scheme. Keys follow from `seed` alone, so that a run can be repeated; they protect nothing.
 *
 * @throws TokenmarkError `bad-config`, `unknown-contract`.
 */
export function schemeMaker(label: string, config: AnySchemeConfig, seed: string): SchemeMaker {
  const registry = engineRegistry;
  const master = Key.fromHex(sha256(`tokenmark survival benchmark, keys of ${seed}`));
  const contract = Object.hasOwn(registry, config.scheme) ? findContract(config.scheme) : null;
  const create = (keyName: string): WatermarkScheme => {
    const key = master.derive(`${label}/${keyName}`);
    return createScheme(config, contract === null ? key : drawEngineKey(contract, key, "survival"), { registry });
  };
  return Object.freeze({
    label,
    config,
    distortionFree: create("facts").distortionFree,
    engine: contract?.id ?? null,
    create,
    keyId: (keyName: string) => master.derive(`${label}/${keyName}`).id,
  });
}
