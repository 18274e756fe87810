const { fround } = Math;

/** MorphMark's parameters, under TextSeal's meaning. */
export interface MorphmarkSetting {
  /** Strength a unit of green mass, k. */
  readonly k: number;
  /** Green mass up to which the strength is ε, p₀. */
  readonly threshold: number;
}

const EPSILON = fround(1e-6);
const MOST = fround(1 - 1e-6);

/**
 * Moves mass to green tokens by a strength that grows with the green mass G there is: r = k·G, ε = 1e-6 where G ≤ p₀, 1 − ε at most; green
 * probabilities × (1 + r(1 − G)/G), red ones × (1 − r). The factors are in float32, as TextSeal has them.
 *
 * After MorphMark (arXiv 2505.11541), in the linear form that TextSeal runs; its comment names e^(kG) − 1, which it does not compute.
 * Where G is 0 TextSeal divides by it and fails; here red tokens then share all mass as before.
 *
 * @param logits - rewritten in place; `max`, the largest, is finite.
 * @param green - 1 for a green candidate; at least as many as logits.
 */
export function markByGreenMass(
  logits: Float32Array,
  green: Uint8Array,
  max: number,
  { k, threshold }: MorphmarkSetting,
): void {
  let [total, greenTotal] = [0, 0];
  for (let i = 0; i < logits.length; i++) {
    const weight = Math.exp(logits[i]! - max);
    total += weight;
    if (green[i] === 1) greenTotal += weight;
  }
  const mass = fround(greenTotal / total);
  const strength = Math.min(MOST, mass > fround(threshold) ? fround(fround(k) * mass) : EPSILON);
  const raised = mass === 0 ? 0 : Math.log(fround(1 + fround(fround(strength * fround(1 - mass)) / mass)));
  const lowered = Math.log(fround(1 - strength));
  for (let i = 0; i < logits.length; i++) logits[i]! += green[i] === 1 ? raised : lowered;
}
