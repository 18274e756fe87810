import { chaskey12, chaskeySchedule } from "../prf/chaskey.ts";
import { mixWord } from "../prf/mix.ts";
import type { TokenSequence } from "../types.ts";
import type { SchemeKernel } from "./define-scheme.ts";
import { SEED_WORDS, tokenSeeds } from "./token-seeds.ts";

/** Loads the 128-bit seed of a context into `state`. */
type LoadSeed = (tokens: TokenSequence, from: number, count: number, state: Int32Array) => void;

/** lefthash: the keyed MAC of the whole context, in order. For width 1 that is the last token alone. */
export function lefthashSeed(key: Uint8Array): LoadSeed {
  const schedule = chaskeySchedule(key);
  return (tokens, from, count, state) => chaskey12(schedule, tokens, from, count, state);
}

/** minhash: of the context's tokens, the one with the smallest keyed value seeds the list; an edit elsewhere changes nothing. */
export function minhashSeed(key: Uint8Array, width: number): LoadSeed {
  const { seeds, load } = tokenSeeds(key, width);
  return (tokens, from, count, state) => {
    load(tokens, from, count);
    let least = 0;
    let value = seeds[0]! >>> 0;
    for (let at = SEED_WORDS; at < SEED_WORDS * count; at += SEED_WORDS) {
      const rival = seeds[at]! >>> 0;
      // Without a branch: which of four keyed values is least cannot be predicted.
      const lower = -+(rival < value) | 0;
      least ^= (least ^ at) & lower;
      value = Math.min(value, rival);
    }
    for (let j = 0; j < SEED_WORDS; j++) state[j] = seeds[least + j]!;
  };
}

/**
 * Green list from one seed a position: token t is green iff mix(seed, t) < ⌊γ·2^32⌋; green logits rise by delta.
 *
 * The addend comes from a table of two, because a branch that a keyed hash decides is mispredicted once in four times at γ = ¼ and
 * costs more than the hash.
 */
export function listKernel(loadSeed: LoadSeed, threshold: number, delta: number): SchemeKernel {
  const state = new Int32Array(4);
  const addend = Float64Array.of(0, delta);
  const score = (token: number): number => +(mixWord(state[0]!, state[1]!, state[2]!, token) >>> 0 < threshold);

  return {
    seed: (tokens, from, count) => loadSeed(tokens, from, count, state),
    score,
    parts(token, out, at) {
      out[at] = score(token);
    },
    unit(token, units, at) {
      units[at] = state[3]! ^ Math.imul(token, 0x9e3779b1);
      units[at + 1] = state[2]! + token;
    },
    mark(logits, { candidates }) {
      if (candidates === undefined) markAll(logits, state, threshold, addend);
      else for (let i = 0; i < logits.length; i++) logits[i]! += addend[score(candidates[i]!)]!;
    },
  };
}

function markAll(logits: Float32Array, state: Int32Array, threshold: number, addend: Float64Array): void {
  const [s0, s1, s2] = [state[0]!, state[1]!, state[2]!];
  for (let i = 0; i < logits.length; i++) logits[i]! += addend[+(mixWord(s0, s1, s2, i) >>> 0 < threshold)]!;
}
