import type { Verdict } from "./verdict.ts";

/**
 * The result of testing one text for one key. Plain frozen JSON data: no field is ever missing, NaN or infinite.
 *
 * The p-value's null: the text was written without this key. Then this key is as good as any other random key for it.
 */
export interface Detection {
  /** The scheme's name. */
  readonly scheme: string;
  /** Tokens given, the prompt not among them: tokensScored + tokensRepeated + tokensUnscoreable. */
  readonly tokensTotal: number;
  /** T: tokens whose evidence is counted, one a distinct PRF input. */
  readonly tokensScored: number;
  /** Tokens left out because their PRF input had occurred before, in the text or its prompt. */
  readonly tokensRepeated: number;
  /** Tokens that no mark can sit on: too few tokens precede them, or the generator's budget of marked contexts was spent. */
  readonly tokensUnscoreable: number;
  /** Sum of the counted scores. */
  readonly statistic: number;
  /** The statistic standardised by its null law, for orientation; never turned into a p-value. 0 for T = 0. */
  readonly zScore: number;
  /** P(statistic or more | written without the key), 1 for T = 0; 0 where it underflows: read `log10PValue`. */
  readonly pValue: number;
  /** Its decimal logarithm, valid to −100,000 and below. */
  readonly log10PValue: number;
  /** How the p-value was computed: "exact", or the approximation's name. */
  readonly tail: string;
  /** The false-positive rate the verdict is held to. */
  readonly alpha: number;
  readonly verdict: Verdict;
  /**
   * Lower bound, held by 9 measurements of 10, of the probability that marked text with as many scored tokens is found at
   * alpha; null without an alternative measured on at least two texts.
   */
  readonly power: number | null;
  /** What `power` takes for granted; null with it. */
  readonly powerAssumes: string | null;
  /** How many tests the p-value is corrected for. */
  readonly correctedFor: number;
}
