import { expNonPositive } from "../exp-table.ts";

// Up to so many candidates a logarithm each costs less than tables of patterns do.
const FEW = 512;
// Layers resolved in one sweep: enough that sweeps are few, not so many that playing 2^k masses costs more than they do.
const FEW_BITS = 5;
const MANY_BITS = 11;
const MOST_GROUPS = 3;

let probabilities = new Float64Array(0);
let words: Int32Array = new Int32Array(0);
const mass = new Float64Array(1 << MANY_BITS);
/** Total factor of each pattern of the group that was played last. */
const ratio = new Float64Array(1 << MANY_BITS);
/** Logarithms of the factors, group by group. */
const logRatios: readonly Float64Array[] = Array.from({ length: MOST_GROUPS }, () => new Float64Array(1 << MANY_BITS));

/**
 * The tournament of SynthID-Text (Dathathri et al., Nature 634, 2024, algorithm 2 in its vectorised form): `depth` layers, in
 * each `leaves` draws meet and the largest g-value wins, ties by lot. With m the mass of tokens of g = 1 one layer turns
 * p(t) into p(t)·(1 − (1 − m)^N)/m where g(t) = 1 and into p(t)·(1 − m)^(N−1) where g(t) = 0; for N = 2 the factors are 2 − m
 * and 1 − m.
 *
 * A run over k layers depends on the tokens only through the masses of the 2^k patterns of their g-bits, so layers are
 * resolved in groups: sum the masses, play k layers on 2^k numbers, multiply back. No logarithm a token of a vocabulary. Tokens that have
 * the same word because words repeat are one player with their joint mass.
 *
 * @param gWords - one word a logit, at least as many: bit l is the token's g-value in layer l.
 * @param logits - rewritten in place, not normalised; the largest is at index `best` and finite.
 * @param depth - 1 to 32.
 * @param leaves - N, 2 to 64.
 * @param period - if words repeat, after how many: logit i has word i modulo `period`, and so many words are enough.
 */
export function playTournament(
  gWords: Int32Array,
  logits: Float32Array,
  best: number,
  depth: number,
  leaves: number,
  period: number = logits.length,
): void {
  const players = Math.min(period, logits.length);
  if (probabilities.length < players) probabilities = new Float64Array(players);
  words = gWords;
  if (players === logits.length && players <= FEW) playFew(logits, logits[best]!, depth, leaves);
  else playMany(logits, players, logits[best]!, depth, leaves);
}

function playFew(logits: Float32Array, max: number, depth: number, leaves: number): void {
  const n = logits.length;
  const total = weigh(logits, max);
  let shift = 0;
  let bits = Math.min(FEW_BITS, depth);
  sumMasses(n, bits);
  playGroup(bits, total, leaves);
  for (let next = shift + bits; next < depth; next = shift + bits) {
    const nextBits = Math.min(FEW_BITS, depth - next);
    advance(n, shift, bits, next, nextBits);
    playGroup(nextBits, total, leaves);
    [shift, bits] = [next, nextBits];
  }
  const [p, w, mask] = [probabilities, words, (1 << bits) - 1];
  for (let i = 0; i < n; i++) logits[i] = max + Math.log(p[i]! * ratio[(w[i]! >>> shift) & mask]!);
}

function playMany(logits: Float32Array, players: number, max: number, depth: number, leaves: number): void {
  const total = players === logits.length ? weigh(logits, max) : weighTogether(logits, players, max);
  const groups = Math.ceil(depth / MANY_BITS);
  const bits = Math.ceil(depth / groups);
  sumMasses(players, bits);
  for (let group = 0; group < groups; group++) {
    const shift = group * bits;
    const own = Math.min(bits, depth - shift);
    playGroup(own, total, leaves, logRatios[group]);
    const next = shift + own;
    if (next < depth) advance(players, shift, own, next, Math.min(bits, depth - next));
  }
  for (let group = groups; group < MOST_GROUPS; group++) logRatios[group]!.fill(0, 0, 1 << bits);
  addLogs(logits, players, bits, depth);
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

/** {@link weigh} for players that are several tokens each. */
function weighTogether(logits: Float32Array, players: number, max: number): number {
  const [p, n] = [probabilities, logits.length];
  let total = 0;
  for (let player = 0; player < players; player++) {
    let weight = 0;
    for (let i = player; i < n; i += players) weight += expNonPositive(logits[i]! - max);
    p[player] = weight;
    total += weight;
  }
  return total;
}

/** Masses of the patterns of the first `bits` layers. */
function sumMasses(players: number, bits: number): void {
  const [p, w, sums, mask] = [probabilities, words, mass, (1 << bits) - 1];
  sums.fill(0, 0, mask + 1);
  for (let i = 0; i < players; i++) sums[w[i]! & mask]! += p[i]!;
}

/** Multiplies one group's factors in and sums the next group's masses. */
function advance(players: number, shift: number, bits: number, next: number, nextBits: number): void {
  const [p, w, mask, nextMask] = [probabilities, words, (1 << bits) - 1, (1 << nextBits) - 1];
  const [sums, factors] = [mass, ratio];
  sums.fill(0, 0, nextMask + 1);
  for (let i = 0; i < players; i++) {
    const word = w[i]!;
    const weight = p[i]! * factors[(word >>> shift) & mask]!;
    p[i] = weight;
    sums[(word >>> next) & nextMask]! += weight;
  }
}

/** Adds the logarithms of all groups' factors to the logits. */
function addLogs(logits: Float32Array, players: number, bits: number, depth: number): void {
  const [first, second, third] = [logRatios[0]!, logRatios[1]!, logRatios[2]!];
  const [w, n, mask, used] = [words, logits.length, (1 << bits) - 1, depth === 32 ? -1 : (1 << depth) - 1];
  for (let player = 0; player < players; player++) {
    const word = w[player]! & used;
    const log = first[word & mask]! + second[(word >>> bits) & mask]! + third[(word >>> (2 * bits)) & mask]!;
    for (let i = player; i < n; i += players) logits[i] = logits[i]! + log;
  }
}

/**
 * Plays `bits` layers on the pattern masses and leaves each pattern's total factor in `ratio`, its logarithm in `logs`. A layer that is
 * played is summed out, so that each layer has half the masses of the one before.
 */
function playGroup(bits: number, total: number, leaves: number, logs?: Float64Array): void {
  ratio[0] = 1;
  if (logs !== undefined) logs[0] = 0;
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
    if (logs !== undefined) addLayer(logs, done, Math.log(lose), Math.log(win));
  }
  // A mass this small decides nothing, and denormal products would cost a hundred cycles each.
  if (logs !== undefined) for (let a = 0; a < 1 << bits; a++) if (ratio[a]! < 1e-100) ratio[a] = 0;
}

function addLayer(logs: Float64Array, done: number, lose: number, win: number): void {
  for (let a = 0; a < done; a++) {
    logs[a + done] = logs[a]! + win;
    logs[a]! += lose;
  }
}
