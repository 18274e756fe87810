import { chaskey12, chaskeySchedule } from "../prf/chaskey.ts";
import type { TokenSequence } from "../types.ts";

const SLOTS = 4096;

/** Words of one seed. */
export const SEED_WORDS = 4;

/** The seeds of a context's tokens, in no particular order: seed j is `seeds[4j … 4j + 3]`. */
export interface TokenSeeds {
  readonly seeds: Int32Array;
  /** Loads the seeds of `tokens[from … from + count − 1]`, `count` at most the width. */
  load(tokens: TokenSequence, from: number, count: number): void;
}

/**
 * The keyed step per context token, a_i = PRF(key, x_i), 128 bits each.
 *
 * Contexts overlap and words repeat: the token at index p of a text always goes to place p mod h, so that a walk along it replaces one
 * seed a step, and a direct-mapped table keeps the latest answers, so that it pays the MAC about once a kind of token. Whether a
 * place still holds its token is checked by the token, never by position.
 */
export function tokenSeeds(key: Uint8Array, width: number): TokenSeeds {
  const schedule = chaskeySchedule(key);
  // An empty slot names a token that belongs into another slot, so that no token meets it.
  const known = new Int32Array(SLOTS);
  known[0] = 1;
  const answers = new Int32Array(SEED_WORDS * SLOTS);
  const word = new Int32Array(1);
  const tag = new Int32Array(SEED_WORDS);
  const seeds = new Int32Array(SEED_WORDS * width);
  const held = new Int32Array(width).fill(-1);
  // Where the last walk began, and at which place: a walk along a text begins each step one further, which spares the division.
  let lastFrom = -1;
  let lastPlace = 0;

  function place(token: number, at: number): void {
    const slot = token & (SLOTS - 1);
    const answer = SEED_WORDS * slot;
    if (known[slot] !== token) {
      word[0] = token;
      chaskey12(schedule, word, 0, 1, tag);
      for (let j = 0; j < SEED_WORDS; j++) answers[answer + j] = tag[j]!;
      known[slot] = token;
    }
    for (let j = 0; j < SEED_WORDS; j++) seeds[SEED_WORDS * at + j] = answers[answer + j]!;
    held[at] = token;
  }

  return {
    seeds,
    load(tokens, from, count) {
      if (from !== lastFrom + 1) lastPlace = from % count;
      else if (++lastPlace >= count) lastPlace = 0;
      lastFrom = from;
      let at = lastPlace;
      for (let i = 0; i < count; i++) {
        const token = tokens[from + i]!;
        if (held[at] !== token) place(token, at);
        if (++at === count) at = 0;
      }
    },
  };
}
