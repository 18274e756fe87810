import { type Key, TokenmarkError } from "@tokenmark/core";
import type { EngineContract } from "./contract.ts";
import { engineKey, secretsOf } from "./engine-key.ts";

/** Depth of the SynthID keys that are drawn, unless they are to be like another. */
const LAYERS = 30;

/** Forms that engines' keys come in, the widest first; a contract's own check says which one it takes. */
function forms(bytes: Uint8Array, layers: number): readonly unknown[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const word = (i: number, bits: bigint): string => (view.getBigUint64(8 * i) >> (64n - bits)).toString();
  return [
    word(0, 62n),
    word(0, 32n),
    Array.from({ length: layers }, (_, i) => word(i, 62n)),
    (view.getBigUint64(0) | 1n).toString(16),
  ];
}

/**
 * A key of an engine's contract that nobody uses, drawn from a key of ours: the same key and label give the same one. For wrong keys in
 * calibration, and for benchmarks; 62 bits at most, so not for marking in earnest.
 *
 * @param like - a key of the contract, whose depth the drawn one has. @defaultValue none: 30 layers
 * @throws TokenmarkError `bad-key` for a contract that wants a secret of a form not known here.
 */
export function drawEngineKey(contract: EngineContract, key: Key, label: string, like?: Key): Key {
  const given = like === undefined ? {} : secretsOf(contract, like);
  const secrets: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(contract.secrets)) {
    const layers = Array.isArray(given[name]) ? given[name].length : LAYERS;
    const taken = forms(key.bytes(`${label}/${contract.id}/${name}`, 8 * layers), layers).find((form) => {
      try {
        field.read(name, form, "bad-key");
        return true;
      } catch {
        return false;
      }
    });
    if (taken !== undefined) secrets[name] = taken;
    else if (field.fallback === undefined) {
      throw new TokenmarkError("bad-key", `${contract.id}: wanted a secret of a known form, got ${name}`);
    }
  }
  return engineKey(contract, secrets);
}
