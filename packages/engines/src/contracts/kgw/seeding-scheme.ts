import { TokenmarkError } from "@tokenmark/core";
import { PRF_NAMES, type PrfName } from "./context-prf.ts";

/** What a seeding scheme's name stands for. */
export interface SeedingScheme {
  readonly prf: PrfName;
  readonly contextWidth: number;
  readonly selfSalt: boolean;
  /** A key in the name itself, as free-form names may have; null without one. */
  readonly key: string | null;
}

const NAMED: Readonly<Record<string, Omit<SeedingScheme, "key">>> = {
  simple_1: { prf: "additive", contextWidth: 1, selfSalt: false },
  lefthash: { prf: "additive", contextWidth: 1, selfSalt: false },
  "algorithm-3": { prf: "anchored_minhash", contextWidth: 4, selfSalt: true },
  selfhash: { prf: "anchored_minhash", contextWidth: 4, selfSalt: true },
  minhash: { prf: "minhash", contextWidth: 4, selfSalt: false },
  skipgram: { prf: "skipgram", contextWidth: 5, selfSalt: false },
};

/** Names that stand for one setting, without the free-form ones. */
export const SEEDING_NAMES: readonly string[] = Object.freeze(Object.keys(NAMED));

const MOST_WIDTH = 1024;

/**
 * Reads a seeding scheme's name: `simple_1`, `lefthash`, `algorithm-3`, `selfhash`, `minhash`, `skipgram`, or free-form
 * `ff-<function>-<width>-<True|False>[-<key>]` (lm-watermarking, alternative_prf_schemes.py).
 *
 * @throws TokenmarkError `bad-config`; the message has no key.
 */
export function readSeedingScheme(name: string): SeedingScheme {
  const named = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (named !== undefined) return { ...named, key: null };
  const match = /^ff-([a-z_]+?)(?:_prf)?-(\d{1,4})-(True|False)(?:-(-?\d{1,20}))?$/i.exec(name);
  const prf = PRF_NAMES.find((known) => known === match?.[1]);
  if (match === null || prf === undefined) {
    throw new TokenmarkError(
      "bad-config",
      `seeding_scheme: wanted one of ${SEEDING_NAMES.join(", ")}, or ff-<${PRF_NAMES.join("|")}>-<width>-<True|False>`,
    );
  }
  const contextWidth = Number(match[2]);
  const least = prf === "minskipgram" ? 2 : 1;
  if (contextWidth < least || contextWidth > MOST_WIDTH) {
    throw new TokenmarkError(
      "bad-config",
      `seeding_scheme: wanted a width from ${least} to ${MOST_WIDTH} for ${prf}, got ${contextWidth}`,
    );
  }
  return { prf, contextWidth, selfSalt: match[3]!.toLowerCase() === "true", key: match[4] ?? null };
}
