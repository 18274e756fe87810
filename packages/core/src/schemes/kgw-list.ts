import { type ChaskeySchedule, chaskey12, chaskeySchedule } from "../prf/chaskey.ts";
import { mixWord } from "../prf/mix.ts";
import type { TokenSequence } from "../types.ts";
import type { SchemeKernel } from "./define-scheme.ts";

/** Loads the 128-bit seed of a context into `state`. */
type LoadSeed = (tokens: TokenSequence, from: number, count: number, state: Int32Array) => void;

/** lefthash: the keyed MAC of the whole context, in order. For width 1 that is the last token alone. */
export function lefthashSeed(key: Uint8Array): LoadSeed {
  const schedule = chaskeySchedule(key);
  return (tokens, from, count, state) => chaskey12(schedule, tokens, from, count, state);
}

/**
 * The keyed step per context token, a_i = PRF(key, x_i), with the last few answers kept: contexts overlap, so a walk along
 * a text pays for each token once.
 */
export function tokenSeeds(key: Uint8Array): (token: number, state: Int32Array, at: number) => void {
  const schedule: ChaskeySchedule = chaskeySchedule(key);
  const slots = 64;
  const known = new Float64Array(slots).fill(Number.NaN);
  const seeds = new Int32Array(4 * slots);
  const word = new Int32Array(1);
  const tag = new Int32Array(4);
  return (token, state, at) => {
    const slot = token & (slots - 1);
    if (known[slot] !== token) {
      word[0] = token;
      chaskey12(schedule, word, 0, 1, tag);
      seeds.set(tag, 4 * slot);
      known[slot] = token;
    }
    for (let i = 0; i < 4; i++) state[at + i] = seeds[4 * slot + i]!;
  };
}

/** minhash: of the context's tokens, the one with the smallest keyed value seeds the list; an edit elsewhere changes nothing. */
export function minhashSeed(key: Uint8Array): LoadSeed {
  const tokenSeed = tokenSeeds(key);
  const one = new Int32Array(4);
  return (tokens, from, count, state) => {
    for (let i = 0; i < count; i++) {
      tokenSeed(tokens[from + i]!, one, 0);
      if (i === 0 || one[0]! >>> 0 < state[0]! >>> 0) state.set(one);
    }
  };
}

/** Green list from one seed a position: token t is green iff mix(seed, t) < ⌊γ·2^32⌋; green logits rise by delta. */
export function listKernel(loadSeed: LoadSeed, threshold: number, delta: number): SchemeKernel {
  const state = new Int32Array(4);
  const score = (token: number): number => (mixWord(state[0]!, state[1]!, state[2]!, token) >>> 0 < threshold ? 1 : 0);
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
      const [s0, s1, s2] = [state[0]!, state[1]!, state[2]!];
      if (candidates === undefined) {
        for (let i = 0; i < logits.length; i++) {
          if (mixWord(s0, s1, s2, i) >>> 0 < threshold) logits[i]! += delta;
        }
      } else {
        for (let i = 0; i < logits.length; i++) {
          if (mixWord(s0, s1, s2, candidates[i]!) >>> 0 < threshold) logits[i]! += delta;
        }
      }
    },
  };
}
