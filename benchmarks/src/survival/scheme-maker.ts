import { type AnySchemeConfig, createScheme, Key, type WatermarkScheme } from "@tokenmark/core";
import { type EngineContract, engineKey, engineRegistry, findContract } from "@tokenmark/engines";
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
}

/** Forms that engines' keys come in; the contract's own check says which one it takes. */
function forms(bytes: Uint8Array): readonly unknown[] {
  const word = (i: number, bits: bigint): string =>
    (new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(8 * i) >> (64n - bits)).toString();
  return [
    word(0, 62n),
    word(0, 32n),
    Array.from({ length: 30 }, (_, i) => word(i, 62n)),
    (new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0) | 1n).toString(16),
  ];
}

function drawEngineKey(contract: EngineContract, key: Key): Key {
  const secrets: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(contract.secrets)) {
    const bytes = key.bytes(`survival/${contract.id}/${name}`, 240);
    const taken = forms(bytes).find((form) => {
      try {
        field.read(name, form, "bad-key");
        return true;
      } catch {
        return false;
      }
    });
    if (taken !== undefined) secrets[name] = taken;
  }
  return engineKey(contract, secrets);
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
    return createScheme(config, contract === null ? key : drawEngineKey(contract, key), { registry });
  };
  return Object.freeze({
    label,
    config,
    distortionFree: create("facts").distortionFree,
    engine: contract?.id ?? null,
    create,
  });
}
