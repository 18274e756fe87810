import { log1mExp } from "./log-arithmetic.ts";

/** One independent part of a sum: weight · Gamma(shape, 1). */
export interface GammaPart {
  readonly weight: number;
  readonly shape: number;
}

/**
 * ln P[Σ weight·Gamma(shape) ≥ s], exact for any number of parts, by numerical inversion of the moment generating
 * function along a parabola that follows the path of steepest descent from the saddlepoint (Rice 1980,
 * "Distribution of quadratic forms in normal random variables — evaluation by numerical integration"; the trapezoidal rule converges exponentially on it,
 * Trefethen & Weideman 2014, "The exponentially convergent trapezoidal rule").
 *
 * Below the mean the complement is inverted instead, so that ln p keeps its relative accuracy where p is almost 1.
 */
export function logGammaMixtureUpperTail(parts: readonly GammaPart[], s: number): number {
  if (s <= 0) return 0;
  const widest = parts.reduce((most, { weight }) => Math.max(most, weight), 0);
  const scaled = parts.map(({ weight, shape }) => ({ weight: weight / widest, shape }));
  const at = s / widest;
  if (at === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  if (at < 1e-290) return 0; // ln p is −at or closer to 0
  const mean = scaled.reduce((sum, { weight, shape }) => sum + weight * shape, 0);
  const deviation = Math.sqrt(scaled.reduce((sum, { weight, shape }) => sum + weight * weight * shape, 0));
  const root = saddlepoint(scaled, at);
  // The integrand has a pole at θ = 0: the path keeps a standard deviation away from it.
  if (at >= mean) return Math.min(0, logContour(scaled, at, Math.min(root, 1 - Math.min(1 / deviation, 0.5))));
  return log1mExp(Math.min(0, logContour(scaled, at, Math.max(root, 1 + 1 / deviation))));
}

// With the largest weight 1, a tilt θ is written by its distance δ = 1 − θ > 0 from the first singularity, because far
// out in the tail θ is so close to 1 that a double could not tell. 1 − wθ = (1 − w) + wδ then never cancels.

/** δ with K′(θ) = Σ shape·w/(1 − wθ) = s. */
function saddlepoint(parts: readonly GammaPart[], s: number): number {
  let shapes = 0;
  let atWidest = 0;
  for (const { weight, shape } of parts) {
    shapes += shape;
    if (weight === 1) atWidest += shape;
  }
  // w/(1 − wθ) ≤ 1/δ for every part, with equality for the widest.
  let low = atWidest / s;
  let high = shapes / s;
  let delta = low;
  for (let i = 0; i < 100; i++) {
    let relative = -s * delta;
    let slope = 0;
    for (const { weight, shape } of parts) {
      const share = (weight * delta) / (1 - weight + weight * delta);
      relative += shape * share;
      slope += shape * share * share;
    }
    // relative = δ(K′ − s), slope = δ²K″, dK′/dδ = −K″.
    if (relative > 0) low = delta;
    else high = delta;
    const newton = delta * (1 + relative / slope);
    const next = newton > low && newton < high ? newton : low + (high - low) / 2;
    if (Math.abs(next - delta) <= 1e-13 * delta) return next;
    delta = next;
  }
  return delta;
}

/** ln |1/(2πi) ∫ exp(K(z) − zs)/z dz| over z = θ + δ(iv + βv²), β = δ⁻¹K‴/(6K″). */
function logContour(parts: readonly GammaPart[], s: number, delta: number): number {
  const theta = 1 - delta;
  const shares = parts.map(({ weight }) => (weight * delta) / (1 - weight + weight * delta));
  let value = -theta * s;
  let second = 0;
  let third = 0;
  parts.forEach(({ weight, shape }, i) => {
    const tilted = weight * theta;
    value -= shape * (Math.abs(tilted) < 0.5 ? Math.log1p(-tilted) : Math.log(1 - weight + weight * delta));
    second += shape * shares[i]! ** 2;
    third += 2 * shape * shares[i]! ** 3;
  });
  const bend = third / (6 * second);
  const pole = theta / delta;
  const scale = Math.max(1, Math.abs(pole));
  // A tenth of the distance to the nearest singularity: the trapezoidal rule is then off by about e^{−20π·0.8}.
  const step = 0.1 * Math.min(1 / Math.sqrt(second), Math.abs(pole));
  let sum = 0;
  for (let j = 0; j < 100_000; j++) {
    const v = j * step;
    const forward = bend * v * v;
    let logModulus = -s * delta * forward;
    let phase = -s * delta * v;
    for (let i = 0; i < parts.length; i++) {
      const { shape } = parts[i]!;
      // 1 − wz = (1 − wθ)(1 − share·(βv² + iv))
      const re = 1 - shares[i]! * forward;
      const im = shares[i]! * v;
      logModulus -= 0.5 * shape * Math.log(re * re + im * im);
      phase += shape * Math.atan2(im, re);
    }
    // dz/z = (i + 2βv) dv / (θ/δ + βv² + iv), times `scale`; only the imaginary part survives the symmetric sum.
    const zr = (pole + forward) / scale;
    const zi = v / scale;
    const norm = zr * zr + zi * zi;
    const dr = (2 * bend * v * zr + zi) / norm;
    const di = (zr - 2 * bend * v * zi) / norm;
    const size = Math.exp(logModulus);
    const term = size * (Math.cos(phase) * di + Math.sin(phase) * dr);
    sum += j === 0 ? 0.5 * term : term;
    if (j > 20 && size * Math.hypot(dr, di) < 1e-19 * Math.abs(sum)) break;
  }
  return value + Math.log(Math.abs(sum) * (step / Math.PI)) - Math.log(scale);
}
