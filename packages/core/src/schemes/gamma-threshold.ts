import { checkNumber } from "../validate.ts";

/** Words below it are green: ⌊γ·2^32⌋, so that membership is a threshold and scoring a token O(1). */
export function gammaThreshold(gamma: number): number {
  checkNumber("gamma", gamma, 0, 1, { open: true });
  return Math.max(1, Math.floor(gamma * 4294967296));
}
