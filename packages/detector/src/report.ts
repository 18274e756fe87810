import type { Detection } from "./detection.ts";
import type { TokenScore } from "./tokens.ts";

/** Below this p-value an analytic tail says no more than "the text depends on the key, or an assumption broke". */
const LEAST_CLAIMED = -9;

/** A p-value from its decimal logarithm, two figures: "0.42", "3.1e-9", "1.0e-100000". Never "0" and never more than 1. */
export function formatPValue(log10PValue: number): string {
  if (log10PValue >= Math.log10(0.01)) return (10 ** Math.min(0, log10PValue)).toPrecision(2);
  const exponent = Math.floor(log10PValue);
  const mantissa = (10 ** (log10PValue - exponent)).toPrecision(2);
  return mantissa === "10" ? `1.0e${exponent + 1}` : `${mantissa}e${exponent}`;
}

/**
 * The verdict in plain words for somebody who does not know statistics: what was found, how often luck does as well, and what
 * cannot be said. It never says who or what wrote a text, and gives no percentage of certainty, since the test gives none.
 */
export function explainDetection(detection: Detection): string {
  const { scheme, tokensScored, alpha, verdict, power, powerAssumes, correctedFor } = detection;
  const p = describePValue(detection);
  const tests = correctedFor === 1 ? "" : `, corrected for ${correctedFor} tests`;
  const figures = `${p} over ${countNoun(tokensScored, "scored token")}${tests}; limit ${formatPValue(Math.log10(alpha))}`;
  switch (verdict) {
    case "marked":
      return `Carries the mark of ${scheme} under this key: ${figures}. Text written without this key scores so high by chance with a probability of at most the limit. This shows that the text depends on the key, not who wrote it.`;
    case "no-evidence":
      return `No evidence of the mark of ${scheme} under this key: ${figures}. Marked text of this length would have been found with probability ${formatPower(power)} or more (assuming ${powerAssumes}). Editing removes the mark, so this does not show that the text never carried it.`;
    case "cannot-tell":
      return `Cannot tell whether the text carries the mark of ${scheme} under this key: ${figures}. ${whyUndecided(detection)}`;
    default:
      return verdict satisfies never;
  }
}

function describePValue({ log10PValue, tail }: Detection): string {
  const value = formatPValue(log10PValue);
  const how = tail === "exact" ? "" : ` by ${tail} approximation`;
  return log10PValue < LEAST_CLAIMED ? `p < 1e-9 (analytic value ${value}${how})` : `p = ${value}${how}`;
}

function whyUndecided({ tokensTotal, tokensScored, power, powerAssumes }: Detection): string {
  if (tokensScored === 0) {
    return tokensTotal === 0
      ? "There is no token to test."
      : `None of its ${countNoun(tokensTotal, "token")} can be scored: the text is too short or only repeats its prompt.`;
  }
  if (power === null) {
    return "Nobody has measured, on two texts or more, what marked text of this deployment scores, so the absence of evidence means nothing.";
  }
  return `Marked text of this length is only known to be found with probability ${formatPower(power)} or more (assuming ${powerAssumes}): a longer text is needed, or more measured texts.`;
}

/** Two decimals, cut rather than rounded: .999 is not 1. */
function formatPower(power: number | null): string {
  return power === null ? "unknown" : (Math.floor(power * 100) / 100).toFixed(2);
}

function countNoun(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** How strongly to colour a token in a heat map: 0 (nothing) to 4, or null for a token that does not count. */
export type EvidenceLevel = 0 | 1 | 2 | 3 | 4;

const LEVELS = [0.25, 0.5, 1, 2] as const;

/**
 * The level of a token's evidence, −log₁₀ of its own tail: from .25, .5, 1 and 2 on it is 1, 2, 3 and 4. For display only: without any
 * mark, one token in 10 has a level of 3 or more, and one in 100 has level 4.
 */
export function evidenceLevel(token: Pick<TokenScore, "evidence" | "counted">): EvidenceLevel | null {
  const { evidence, counted } = token;
  if (!counted || evidence === null) return null;
  return LEVELS.filter((from) => evidence >= from).length as EvidenceLevel;
}
