/** A clean model comes out at or below this once in a thousand. Not divided by their number, or further models would quieten a loud one. */
const LOUD = 1e-3;

/**
 * The p-value from which down a clean model is loud: the level of one test of several where that is larger.
 *
 * @param tests - how many are corrected for together at `alpha`.
 */
export const loudLevel = (alpha: number, tests: number): number => Math.max(alpha / tests, LOUD);
