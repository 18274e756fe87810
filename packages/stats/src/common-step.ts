/** Rounding allowed between a value and its lattice point, relative to the largest value. */
const SLACK = 1e-12;
/** Remainders below this part of the largest value count as zero in the Euclidean algorithm. */
const ZERO = 1e-9;

/**
 * The largest step of which every value is an integer multiple, up to rounding; null if there is none within reach.
 *
 * Weights such as 10, 281/29, 272/29 … are found too: their step is 1/29.
 *
 * @param values - numbers of at least 0, not all 0.
 * @param mostSteps - largest multiple allowed.
 */
export function commonStep(values: ArrayLike<number>, mostSteps: number): number | null {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]!);
  let step = largest;
  for (let i = 0; i < values.length; i++) {
    let a = values[i]!;
    // Euclid with nearest remainders.
    while (a > ZERO * largest) {
      const rest = Math.abs(step - a * Math.round(step / a));
      step = a;
      a = rest;
    }
    if (step * mostSteps < largest) return null;
  }
  let products = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const multiple = Math.round(values[i]! / step);
    products += multiple * values[i]!;
    squares += multiple * multiple;
  }
  const refined = products / squares;
  for (let i = 0; i < values.length; i++) {
    const multiple = Math.round(values[i]! / refined);
    if (Math.abs(values[i]! - multiple * refined) > SLACK * largest) return null;
  }
  return refined;
}
