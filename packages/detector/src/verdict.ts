/** What a test lets one say. There is no verdict "unmarked": absence of evidence is not proof of absence. */
export type Verdict =
  /** p ≤ α: text written without the key reaches such a score with probability at most α. */
  | "marked"
  /** p > α, and marked text of this length would have been found with power of at least {@link DECISIVE_POWER}. */
  | "no-evidence"
  /** p > α, and the text is too short to tell, or nobody measured what marked text scores. */
  | "cannot-tell";

/** The false-positive rate a verdict is held to unless another is given. */
export const DEFAULT_ALPHA = 1e-6;
/** Power from which "no evidence" may be said. */
export const DECISIVE_POWER = 0.9;

/** The verdict of a corrected p-value, in decades, at the level alpha. `power` is null where no alternative is known. */
export function decideVerdict(log10PValue: number, alpha: number, power: number | null): Verdict {
  if (log10PValue <= Math.log10(alpha)) return "marked";
  return power !== null && power >= DECISIVE_POWER ? "no-evidence" : "cannot-tell";
}
