const { fround } = Math;

/** Probabilities after softmax in float32, as torch forms them up to the order of summation. */
export function softmax32(scores: ArrayLike<number>): Float32Array {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) max = Math.max(max, scores[i]!);
  const p = Float32Array.from(scores, (score) => Math.exp(fround(score - max)));
  const sum = fround(p.reduce((total, value) => total + value, 0));
  return p.map((value) => value / sum);
}

/**
 * The tournament layer by layer in float32, rounding where the engines round: the plain path that the fast one is held to, and which entries
 * die is told by it alone, since a mass that rounds to 1 ends all losers.
 *
 * @param p - probabilities, rewritten.
 * @param words - bit l is the g-value in layer l.
 * @param distortionary - the formula of synthid-text for more than two leaves, which float32 makes differ from the short one.
 */
export function playTournament32(
  p: Float32Array,
  words: ArrayLike<number>,
  depth: number,
  leaves: number,
  distortionary: boolean,
): void {
  for (let l = 0; l < depth; l++) {
    let mass = 0;
    for (let i = 0; i < p.length; i++) if ((words[i]! >>> l) & 1) mass += p[i]!;
    const m = fround(mass);
    if (!distortionary) {
      const [lose, win] = [fround(1 - m), fround(2 - m)];
      for (let i = 0; i < p.length; i++) p[i] = p[i]! * ((words[i]! >>> l) & 1 ? win : lose);
      continue;
    }
    const rest = fround(1 - m);
    const lose = fround(rest ** (leaves - 1));
    const win = m > 0 ? fround(fround(1 - fround(rest ** leaves)) / m) : leaves;
    for (let i = 0; i < p.length; i++) p[i] = p[i]! * ((words[i]! >>> l) & 1 ? win : lose);
  }
}

/** Logarithms, everything that is not finite replaced by the engine's floor. */
export function flooredLogs(p: Float32Array, floor: number): Float32Array {
  return p.map((value) => {
    const log = Math.log(value);
    return Number.isFinite(log) ? log : floor;
  });
}
