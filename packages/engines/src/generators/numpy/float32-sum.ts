const { fround } = Math;
const LANES = 8;

/**
 * The sum of at most 128 float32 values as NumPy's `sum` gives it (1.24.2): eight running sums, which are added in pairs, then what
 * is left over in order; in order throughout below eight values.
 */
export function numpySum32(values: ArrayLike<number>): number {
  const whole = values.length - (values.length % LANES);
  let sum = 0;
  if (whole > 0) {
    const lanes = Array.from({ length: LANES }, (_, lane) => {
      let running = values[lane]!;
      for (let i = lane + LANES; i < whole; i += LANES) running = fround(running + values[i]!);
      return running;
    });
    for (let width = LANES / 2; width >= 1; width /= 2) {
      for (let i = 0; i < width; i++) lanes[i] = fround(lanes[2 * i]! + lanes[2 * i + 1]!);
    }
    sum = lanes[0]!;
  }
  for (let i = whole; i < values.length; i++) sum = fround(sum + values[i]!);
  return sum;
}
