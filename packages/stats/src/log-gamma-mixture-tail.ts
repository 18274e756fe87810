import { log1mExp } from "./log-arithmetic.ts";

/** One independent part of a sum: weight · Gamma(shape, 1). */
export interface GammaPart {
  readonly weight: number;
  readonly shape: number;
}

/** K(θ) = −Σ shape · ln(1 − weight·θ) and three derivatives: the sum's cumulant generating function. */
function cumulants(
  parts: readonly GammaPart[],
  theta: number,
): [value: number, first: number, second: number, third: number] {
  let value = 0;
  let first = 0;
  let second = 0;
  let third = 0;
  for (const { weight, shape } of parts) {
    const scale = weight / (1 - weight * theta);
    value -= shape * Math.log1p(-weight * theta);
    first += shape * scale;
    second += shape * scale * scale;
    third += 2 * shape * scale * scale * scale;
  }
  return [value, first, second, third];
}

/** θ with K′(θ) = s; K′ rises from 0 at −∞ to ∞ at 1/max weight. */
function saddlepoint(parts: readonly GammaPart[], s: number): number {
  let widest = 0;
  let shapes = 0;
  for (const { weight, shape } of parts) {
    widest = Math.max(widest, weight);
    shapes += shape;
  }
  // Each part alone bounds the root: K′ ≤ Σshape · w/(1 − wθ) for the widest w, and K′ ≥ its own term.
  let low = 1 / widest - shapes / s;
  let high = low;
  for (const { weight, shape } of parts) if (weight === widest) high = 1 / widest - shape / s;
  let theta = high;
  for (let i = 0; i < 200; i++) {
    const [, first, second] = cumulants(parts, theta);
    if (first > s) high = theta;
    else low = theta;
    const newton = theta - (first - s) / second;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - theta) <= 1e-13 * Math.abs(next) || next === theta) break;
    theta = next;
  }
  return theta;
}

/**
 * ln P[Σ weight·Gamma(shape) ≥ s], exact for any number of parts, by numerical inversion of the moment generating
 * function along a parabola that follows the path of steepest descent from the saddlepoint (Helstrom & Rice 1984,
 * "Computation of counter statistics…"; the trapezoidal rule converges exponentially on it, Trefethen & Weideman 2014).
 *
 * Below the mean the complement is inverted instead, so that ln p keeps its relative accuracy where p is almost 1.
 */
export function logGammaMixtureUpperTail(parts: readonly GammaPart[], s: number): number {
  if (s <= 0) return 0;
  const live = parts.filter((part) => part.weight > 0);
  const [, mean, variance] = cumulants(live, 0);
  const deviation = Math.sqrt(variance);
  const widest = live.reduce((most, part) => Math.max(most, part.weight), 0);
  // The integrand has a pole at 0: the path keeps a standard deviation away from it, inside 1/widest.
  const root = saddlepoint(live, s);
  if (s >= mean) return Math.min(0, logContour(live, s, Math.max(root, Math.min(1 / deviation, 0.5 / widest))));
  return log1mExp(Math.min(0, logContour(live, s, Math.min(root, -1 / deviation))));
}

/** ln |1/(2πi) ∫ exp(K(z) − zs)/z dz| over z = θ + iy + βy², β = K‴/(6K″). */
function logContour(parts: readonly GammaPart[], s: number, theta: number): number {
  const [value, , second, third] = cumulants(parts, theta);
  const bend = third / (6 * second);
  // A tenth of the distance to the nearest singularity: the trapezoidal rule is then off by about e^{−20π·0.8}.
  const step = 0.1 * Math.min(1 / Math.sqrt(second), Math.abs(theta));
  let sum = 0;
  for (let j = 0; j < 100_000; j++) {
    const y = j * step;
    // K(z) − K(θ) with 1 − wz = (1 − wθ)(1 − r·(βy² + iy)), r = w/(1 − wθ).
    let logModulus = -s * bend * y * y;
    let phase = -s * y;
    for (const { weight, shape } of parts) {
      const r = weight / (1 - weight * theta);
      const re = 1 - r * bend * y * y;
      const im = r * y;
      logModulus -= 0.5 * shape * Math.log(re * re + im * im);
      phase += shape * Math.atan2(im, re);
    }
    // dz/z = (i + 2βy) dy / (θ + βy² + iy); only the imaginary part of the integrand survives the symmetric sum.
    const zr = theta + bend * y * y;
    const norm = zr * zr + y * y;
    const dr = (2 * bend * y * zr + y) / norm;
    const di = (zr - 2 * bend * y * y) / norm;
    const size = Math.exp(logModulus);
    const term = size * (Math.cos(phase) * di + Math.sin(phase) * dr);
    sum += j === 0 ? 0.5 * term : term;
    if (j > 20 && size * Math.hypot(dr, di) < 1e-19 * Math.abs(sum)) break;
  }
  return value - theta * s + Math.log(Math.abs(sum) * (step / Math.PI));
}
