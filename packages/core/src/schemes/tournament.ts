import { expNonPositive } from "../exp-table.ts";
import { mixWord } from "../prf/mix.ts";
import type { TokenSequence } from "../types.ts";

let probabilities = new Float64Array(0);
let words = new Int32Array(0);
const mass = new Float64Array(1024);
const ratio = new Float64Array(1024);
const logRatio = new Float64Array(1024);

// Up to so many candidates a logarithm each costs less than a logarithm each pattern.
const FEW = 512;

/** Layers resolved in one sweep: enough that the sweeps dominate, few enough that 2^k masses stay in cache. */
function groupBits(n: number): number {
  return n <= FEW ? 3 : Math.min(10, 28 - Math.clz32(n));
}

/**
 * The tournament of SynthID-Text (Dathathri et al., Nature 634, 2024, algorithm 2 in its vectorised form): `depth` layers, in
 * each `leaves` draws meet and the largest g-value wins, ties by lot. With m the mass of tokens of g = 1 one layer turns
 * p(t) into p(t)·(1 − (1 − m)^N)/m where g(t) = 1 and into p(t)·(1 − m)^(N−1) where g(t) = 0; for N = 2 the factors are 2 − m
 * and 1 − m.
 *
 * A run over k layers depends on the tokens only through the masses of the 2^k patterns of their g-bits, so layers are
 * resolved in groups: sum the masses, play k layers on 2^k numbers, multiply back. No logarithm a token of a vocabulary.
 *
 * Bit l of mixWord(state, t) is token t's g-value in layer l. Rewrites `logits` in place; `best` indexes the largest.
 */
export function playTournament(
  state: Int32Array,
  logits: Float32Array,
  candidates: TokenSequence | undefined,
  best: number,
  depth: number,
  leaves: number,
): void {
  const n = logits.length;
  if (probabilities.length < n) {
    probabilities = new Float64Array(n);
    words = new Int32Array(n);
  }
  hashWords(state, candidates, n);
  const total = weigh(logits, logits[best]!);
  const k = groupBits(n);
  const max = logits[best]!;
  for (let shift = 0; shift < depth; shift += k) {
    const bits = Math.min(k, depth - shift);
    sumMasses(n, shift, bits);
    playGroup(bits, total, leaves);
    if (n <= FEW) scaleMasses(n, shift, bits);
    else applyRatios(logits, shift, bits);
  }
  if (n <= FEW) for (let i = 0; i < n; i++) logits[i] = max + Math.log(probabilities[i]!);
}

// Each sweep is a function of its own: one loop a function, so that the compiler keeps its few values in registers.

function hashWords(state: Int32Array, candidates: TokenSequence | undefined, n: number): void {
  const [s0, s1, s2, w] = [state[0]!, state[1]!, state[2]!, words];
  if (candidates === undefined) for (let i = 0; i < n; i++) w[i] = mixWord(s0, s1, s2, i);
  else for (let i = 0; i < n; i++) w[i] = mixWord(s0, s1, s2, candidates[i]!);
}

/** Unnormalised probabilities; below e^-700 a token is out of every tournament. */
function weigh(logits: Float32Array, max: number): number {
  const p = probabilities;
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    const weight = expNonPositive(logits[i]! - max);
    p[i] = weight;
    total += weight;
  }
  return total;
}

function sumMasses(n: number, shift: number, bits: number): void {
  const [p, w, mask] = [probabilities, words, (1 << bits) - 1];
  mass.fill(0, 0, mask + 1);
  for (let i = 0; i < n; i++) mass[(w[i]! >>> shift) & mask]! += p[i]!;
}

function scaleMasses(n: number, shift: number, bits: number): void {
  const [p, w, mask] = [probabilities, words, (1 << bits) - 1];
  for (let i = 0; i < n; i++) p[i]! *= ratio[(w[i]! >>> shift) & mask]!;
}

function applyRatios(logits: Float32Array, shift: number, bits: number): void {
  const [p, w, mask] = [probabilities, words, (1 << bits) - 1];
  for (let a = 0; a <= mask; a++) {
    logRatio[a] = Math.log(ratio[a]!);
    // A mass this small decides nothing, and denormal products would cost a hundred cycles each.
    if (ratio[a]! < 1e-100) ratio[a] = 0;
  }
  for (let i = 0; i < logits.length; i++) {
    const pattern = (w[i]! >>> shift) & mask;
    p[i]! *= ratio[pattern]!;
    logits[i]! += logRatio[pattern]!;
  }
}

/** Plays `bits` layers on the pattern masses; leaves each pattern's total factor in `ratio`. */
function playGroup(bits: number, total: number, leaves: number): void {
  const size = 1 << bits;
  ratio.fill(1, 0, size);
  for (let layer = 0; layer < bits; layer++) {
    let ones = 0;
    for (let a = 1 << layer; a < size; a = (a + 1) | (1 << layer)) ones += mass[a]!;
    const m = Math.min(1, ones / total);
    const lose = leaves === 2 ? 1 - m : (1 - m) ** (leaves - 1);
    const win = leaves === 2 ? 2 - m : m > 0 ? -Math.expm1(leaves * Math.log1p(-m)) / m : leaves;
    for (let a = 0; a < size; a++) {
      const factor = (a >>> layer) & 1 ? win : lose;
      mass[a]! *= factor;
      ratio[a]! *= factor;
    }
  }
}
