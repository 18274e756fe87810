import { chaskey12, chaskeySchedule } from "../prf/chaskey.ts";
import { mixSecondWord, mixWord } from "../prf/mix.ts";
import type { SchemeKernel } from "./define-scheme.ts";
import { tokenSeeds } from "./kgw-list.ts";

/**
 * SelfHash (Kirchenbauer et al. 2023, "On the Reliability of Watermarks for LLMs", section 3.1): the candidate helps to choose
 * its own list. For a candidate c each of the h context tokens and c itself bid mix(a_i, c), with a_i = PRF(key, x_i) and
 * one fixed keyed a_h for the candidate's own bid; the smallest bid wins and decides by a second, independent word
 * whether c is green. One keyed step a context token and h + 1 fast mixes a candidate: O(V·h), no permutation.
 */
export function selfhashKernel(key: Uint8Array, width: number, threshold: number, delta: number): SchemeKernel {
  const tokenSeed = tokenSeeds(key);
  const seeds = new Int32Array(4 * (width + 1));
  const own = new Int32Array(4);
  // The candidate's own bid: PRF(key, −1, −1). No token is −1, and no other message here has two words.
  chaskey12(chaskeySchedule(key), Int32Array.of(-1, -1), 0, 2, own);
  let bidders = 0;
  let winner = 0;

  /** Finds the winning bid for c and gives its deciding word. */
  function decide(c: number): number {
    let least = 0xffffffff;
    let word = 0;
    winner = 0;
    for (let j = 0; j < bidders; j++) {
      const at = 4 * j;
      const bid = mixWord(seeds[at]!, seeds[at + 1]!, seeds[at + 2]!, c);
      if (bid >>> 0 <= least) {
        least = bid >>> 0;
        word = bid;
        winner = at;
      }
    }
    return mixSecondWord(seeds[winner + 3]!, word) >>> 0;
  }
  const score = (token: number): number => (decide(token) < threshold ? 1 : 0);

  return {
    seed(tokens, from, count) {
      for (let i = 0; i < count; i++) tokenSeed(tokens[from + i]!, seeds, 4 * i);
      seeds.set(own, 4 * count);
      bidders = count + 1;
    },
    score,
    parts(token, out, at) {
      out[at] = score(token);
    },
    // What the hash really saw is the winner and the candidate: another context with the same winner is no new evidence.
    unit(token, units, at) {
      decide(token);
      units[at] = seeds[winner + 3]! ^ Math.imul(token, 0x9e3779b1);
      units[at + 1] = seeds[winner + 2]! + token;
    },
    mark(logits, { candidates }) {
      if (candidates === undefined) {
        for (let i = 0; i < logits.length; i++) if (decide(i) < threshold) logits[i]! += delta;
      } else {
        for (let i = 0; i < logits.length; i++) if (decide(candidates[i]!) < threshold) logits[i]! += delta;
      }
    },
  };
}
