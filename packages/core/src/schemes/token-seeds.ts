import { chaskey12, chaskeySchedule } from "../prf/chaskey.ts";

const SLOTS = 1024;

/**
 * The keyed step per context token, a_i = PRF(key, x_i), 128 bits each. Contexts overlap and words repeat, so the answers are
 * kept in a direct-mapped table: a walk along a text pays the MAC about once a kind of token.
 *
 * `slotOf(token)` gives where in `seeds` the token's four words stand, until another token takes the slot: read them before
 * the next call.
 */
export function tokenSeeds(key: Uint8Array): {
  readonly seeds: Int32Array;
  readonly slotOf: (token: number) => number;
} {
  const schedule = chaskeySchedule(key);
  // An empty slot names a token that belongs into another slot, so that no token meets it.
  const known = Int32Array.from({ length: SLOTS }, (_, slot) => slot ^ 1);
  const seeds = new Int32Array(4 * SLOTS);
  const word = new Int32Array(1);
  const tag = new Int32Array(4);
  return {
    seeds,
    slotOf(token) {
      const slot = token & (SLOTS - 1);
      if (known[slot] !== token) {
        word[0] = token;
        chaskey12(schedule, word, 0, 1, tag);
        for (let j = 0; j < 4; j++) seeds[4 * slot + j] = tag[j]!;
        known[slot] = token;
      }
      return 4 * slot;
    },
  };
}
