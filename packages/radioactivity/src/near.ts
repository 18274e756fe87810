/** Two machines may differ in the last digits of a logarithm. */
export const NEAR = 1e-9;

/** Whether two figures are the same but for rounding. Of p-values compare the logarithms: small ones are all near 0. */
export function isNear(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return a === b || Math.abs(a - b) <= NEAR * Math.max(1, Math.abs(a), Math.abs(b));
}
