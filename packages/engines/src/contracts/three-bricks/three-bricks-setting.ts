import { TokenmarkError } from "@tokenmark/core";
import type { ThreeBricksSetting } from "./three-bricks-draws.ts";

/** The shared fields of both contracts, under our names. @throws TokenmarkError `bad-config` for a payload that has no place. */
export function settingOf(
  parameters: { readonly ngram: number; readonly payload: number; readonly vocab_size: number },
  secrets: { readonly seed: string; readonly salt_key: string },
): ThreeBricksSetting {
  const { ngram, payload, vocab_size } = parameters;
  if (payload >= vocab_size) {
    throw new TokenmarkError("bad-config", `payload: wanted one below vocab_size ${vocab_size}, got ${payload}`);
  }
  return { seed: BigInt(secrets.seed), saltKey: BigInt(secrets.salt_key), ngram, payload, vocabSize: vocab_size };
}
