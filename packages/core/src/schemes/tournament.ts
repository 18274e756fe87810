import { expNonPositive } from "../exp-table.ts";

let probabilities = new Float64Array(0);
let words: Int32Array = new Int32Array(0);
const mass = new Float64Array(1024);
const ratio = new Float64Array(1024);
const logRatio = new Float64Array(1024);

// Up to so many candidates a logarithm each costs less than a logarithm each pattern.
const FEW = 512;
// Layers resolved in one sweep: enough that sweeps are few, not so many that playing 2^k masses costs more than they do.
const FEW_BITS = 5;
const MANY_BITS = 10;

/**
 * The tournament of SynthID-Text (Dathathri et al., Nature 634, 2024, algorithm 2 in its vectorised form): `depth` layers, in
 * each `leaves` draws meet and the largest g-value wins, ties by lot. With m the mass of tokens of g = 1 one layer turns
 * p(t) into p(t)·(1 − (1 − m)^N)/m where g(t) = 1 and into p(t)·(1 − m)^(N−1) where g(t) = 0; for N = 2 the factors are 2 − m
 * and 1 − m.
 *
 * A run over k layers depends on the tokens only through the masses of the 2^k patterns of their g-bits, so layers are
 * resolved in groups: sum the masses, play k layers on 2^k numbers, multiply back. No logarithm a token of a vocabulary.
 *
 * @param gWords - one word a logit, at least as many: bit l is the token's g-value in layer l.
 * @param logits - rewritten in place, not normalised; the largest is at index `best` and finite.
 * @param depth - 1 to 32.
 * @param leaves - N, 2 to 64.
 */
export function playTournament(
  gWords: Int32Array,
  logits: Float32Array,
  best: number,
  depth: number,
  leaves: number,
): void {
  const n = logits.length;
  if (probabilities.length < n) probabilities = new Float64Array(n);
  words = gWords;
  if (n <= FEW) playFew(logits, logits[best]!, depth, leaves);
  else playMany(logits, logits[best]!, depth, leaves);
}

function playFew(logits: Float32Array, max: number, depth: number, leaves: number): void {
  const total = weigh(logits, max);
  let shift = 0;
  let bits = Math.min(FEW_BITS, depth);
  sumMasses(logits.length, shift, bits);
  playGroup(bits, total, leaves);
  for (let next = shift + bits; next < depth; next = shift + bits) {
    const nextBits = Math.min(FEW_BITS, depth - next);
    advance(logits.length, shift, bits, next, nextBits);
    playGroup(nextBits, total, leaves);
    [shift, bits] = [next, nextBits];
  }
  const [p, w, mask] = [probabilities, words, (1 << bits) - 1];
  for (let i = 0; i < logits.length; i++) logits[i] = max + Math.log(p[i]! * ratio[(w[i]! >>> shift) & mask]!);
}

function playMany(logits: Float32Array, max: number, depth: number, leaves: number): void {
  const total = weigh(logits, max);
  for (let shift = 0; shift < depth; shift += MANY_BITS) {
    const bits = Math.min(MANY_BITS, depth - shift);
    sumMasses(logits.length, shift, bits);
    playGroup(bits, total, leaves);
    applyRatios(logits, shift, bits);
  }
}

// Each sweep is a function of its own: one loop a function, so that the compiler keeps its few values in registers.

/** Unnormalised probabilities and their sum; below e^-700 a token is out of every tournament. */
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

/** Multiplies one group's factors in and sums the next group's masses. */
function advance(n: number, shift: number, bits: number, next: number, nextBits: number): void {
  const [p, w, mask, nextMask] = [probabilities, words, (1 << bits) - 1, (1 << nextBits) - 1];
  mass.fill(0, 0, nextMask + 1);
  for (let i = 0; i < n; i++) {
    const word = w[i]!;
    const weight = p[i]! * ratio[(word >>> shift) & mask]!;
    p[i] = weight;
    mass[(word >>> next) & nextMask]! += weight;
  }
}

/** Multiplies one group's factors into the masses and adds their logarithms, taken once a pattern, to the logits. */
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

/**
 * Plays `bits` layers on the pattern masses and leaves each pattern's total factor in `ratio`. A layer that is played is summed out, so
 * that each layer has half the masses of the one before.
 */
function playGroup(bits: number, total: number, leaves: number): void {
  ratio[0] = 1;
  for (let layer = 0; layer < bits; layer++) {
    const half = 1 << (bits - layer - 1);
    let ones = 0;
    for (let a = 0; a < half; a++) ones += mass[2 * a + 1]!;
    const m = Math.min(1, ones / total);
    const lose = leaves === 2 ? 1 - m : (1 - m) ** (leaves - 1);
    const win = leaves === 2 ? 2 - m : m > 0 ? -Math.expm1(leaves * Math.log1p(-m)) / m : leaves;
    for (let a = 0; a < half; a++) mass[a] = mass[2 * a]! * lose + mass[2 * a + 1]! * win;
    const done = 1 << layer;
    for (let a = 0; a < done; a++) {
      ratio[a + done] = ratio[a]! * win;
      ratio[a]! *= lose;
    }
  }
}
