import { chaskey12, chaskeySchedule } from "../prf/chaskey.ts";
import { mixSecondWord, mixWord } from "../prf/mix.ts";
import type { SchemeKernel } from "./define-scheme.ts";
import { SEED_WORDS, tokenSeeds } from "./token-seeds.ts";

/**
 * SelfHash (Kirchenbauer et al. 2023, "On the Reliability of Watermarks for LLMs", section 3.1): the candidate helps to choose
 * its own list. For a candidate c each of the h context tokens and c itself bid mix(a_i, c), with a_i = PRF(key, x_i) and
 * one fixed keyed a_h for the candidate's own bid; the smallest bid and c are mixed once more, under a keyed word, and
 * decide whether c is green. One keyed step a context token and h + 2 fast mixes a candidate: O(V·h), no permutation.
 *
 * Bids are cut to 31 bits, so that their minimum needs no branch: d & (d >> 31) is min(d, 0) without overflow.
 */
export function selfhashKernel(key: Uint8Array, width: number, threshold: number, delta: number): SchemeKernel {
  const { seeds, load } = tokenSeeds(key, width);
  const own = new Int32Array(4);
  // The candidate's own bid and the deciding word: PRF(key, −1, −1). No token is −1, and no other message here has two words.
  chaskey12(chaskeySchedule(key), Int32Array.of(-1, -1), 0, 2, own);
  const last = own[3]!;
  const addend = Float64Array.of(0, delta);
  const [own0, own1, own2] = [own[0]!, own[1]!, own[2]!];
  let bids = 0;
  // The candidate enters here too: what decides, and what counts once, is the pair of winning bid and candidate.
  const decide = (low: number, token: number): number => mixSecondWord(last, low ^ Math.imul(token, 0x9e3779b1));
  let least = 0;

  function score(token: number): number {
    let low = mixWord(own0, own1, own2, token) >>> 1;
    for (let at = 0; at < bids; at += SEED_WORDS) {
      const d = (mixWord(seeds[at]!, seeds[at + 1]!, seeds[at + 2]!, token) >>> 1) - low;
      low += d & (d >> 31);
    }
    least = low;
    return +(decide(low, token) >>> 0 < threshold);
  }

  /** A whole vocabulary under three tokens, the default width: one sweep with all seeds at hand, a third faster than asking each. */
  function markByThree(logits: Float32Array): void {
    const [a0, a1, a2, b0, b1, b2] = [seeds[0]!, seeds[1]!, seeds[2]!, seeds[4]!, seeds[5]!, seeds[6]!];
    const [c0, c1, c2] = [seeds[8]!, seeds[9]!, seeds[10]!];
    for (let i = 0; i < logits.length; i++) {
      let low = mixWord(own0, own1, own2, i) >>> 1;
      let d = (mixWord(a0, a1, a2, i) >>> 1) - low;
      low += d & (d >> 31);
      d = (mixWord(b0, b1, b2, i) >>> 1) - low;
      low += d & (d >> 31);
      d = (mixWord(c0, c1, c2, i) >>> 1) - low;
      low += d & (d >> 31);
      logits[i]! += addend[+(decide(low, i) >>> 0 < threshold)]!;
    }
  }

  return {
    seed(tokens, from, count) {
      load(tokens, from, count);
      bids = SEED_WORDS * count;
    },
    score,
    parts(token, out, at) {
      out[at] = score(token);
    },
    // What the hash really saw is the winning bid and the candidate: another context with the same winner is no new evidence.
    unit(token, units, at) {
      units[at] = least;
      units[at + 1] = token;
    },
    mark(logits, { candidates }) {
      if (candidates !== undefined)
        for (let i = 0; i < logits.length; i++) logits[i]! += addend[score(candidates[i]!)]!;
      else if (bids === 3 * SEED_WORDS) markByThree(logits);
      else for (let i = 0; i < logits.length; i++) logits[i]! += addend[score(i)]!;
    },
  };
}
