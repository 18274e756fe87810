import { type ExpectedScores, TokenmarkError, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import { lawMean, lawVariance, upperTail } from "@tokenmark/stats";
import { boundAlternative, checkExpected } from "./alternative.ts";
import { show } from "./argument-check.ts";
import { COUNTED, type CountedChunk, createUnitCounter, REPEATED, type UnitCounterOptions } from "./counting.ts";
import type { Detection } from "./detection.ts";
import { knownLaw } from "./known-law.ts";
import { describePowerAssumptions, powerAgainst } from "./power.ts";
import { DEFAULT_ALPHA, decideVerdict } from "./verdict.ts";

/** Options of every test for a mark. */
export interface TestOptions {
  /** The false-positive rate the verdict is held to, in (0, 1). @defaultValue 1e-6 */
  readonly alpha?: number;
  /** What marked text scores; from a profile. Without it, or with figures of one text, power is null and the verdict never "no-evidence". */
  readonly expected?: ExpectedScores | undefined;
}

/** Options of {@link createDetector}. */
export interface DetectorOptions extends TestOptions, UnitCounterOptions {}

/** Tests one text as it arrives. */
export interface Detector {
  readonly scheme: WatermarkScheme;
  /**
   * Takes the next generated tokens, in pieces of any size.
   * @throws TokenmarkError `bad-argument` for a token that is no id; nothing has been taken then.
   */
  push(tokens: TokenSequence): void;
  /** The result for all tokens so far; more may follow. */
  result(): Detection;
}

/**
 * Makes the detector of one text. However the text is cut into pieces, the result is the same to the last bit, and
 * `detectTokens` is nothing but one push and one result.
 *
 * The p-value is that of a test made once, at a length chosen without looking. Whoever looks again and again and stops at
 * the first small p has made many tests, and this record does not correct for them.
 *
 * @throws TokenmarkError `bad-argument`, also for a scheme whose null law is unknown.
 */
export function createDetector(scheme: WatermarkScheme, options: DetectorOptions = {}): Detector {
  const { alpha = DEFAULT_ALPHA, expected } = options;
  if (!(typeof alpha === "number" && alpha > 0 && alpha < 1)) {
    throw new TokenmarkError("bad-argument", `alpha: wanted a number strictly between 0 and 1, got ${show(alpha)}`);
  }
  if (expected !== undefined) checkExpected(expected);
  const law = knownLaw(scheme);
  const mean = lawMean(law);
  const variance = lawVariance(law);
  const alternative = expected === undefined ? null : boundAlternative(law, expected);
  const powerAssumes = expected === undefined || alternative === null ? null : describePowerAssumptions(expected);
  const counter = createUnitCounter(scheme, options);
  let total = 0;
  let scored = 0;
  let repeated = 0;
  let sum = 0;
  let compensation = 0;

  /** Neumaier's compensated sum (1974): the error stays at one rounding, however long the text. Exact for whole scores. */
  function addChunk({ count, scores, fates }: CountedChunk): void {
    for (let i = 0; i < count; i++) {
      const fate = fates[i]!;
      if (fate === COUNTED) {
        const value = scores[i]!;
        const next = sum + value;
        compensation += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
        sum = next;
        scored++;
      } else if (fate === REPEATED) repeated++;
    }
    total += count;
  }

  function test(statistic: number): { readonly log10PValue: number; readonly tail: string } {
    if (scored === 0) return { log10PValue: 0, tail: "exact" };
    if (Number.isFinite(statistic)) {
      const { log10PValue, tail } = upperTail(law, scored, statistic);
      if (Number.isFinite(log10PValue)) return { log10PValue, tail };
    }
    throw new TokenmarkError(
      "bad-argument",
      `scheme: ${scheme.name} scored ${statistic} over ${scored} tokens, which its declared null law cannot reach`,
    );
  }

  return Object.freeze({
    scheme,
    push(tokens: TokenSequence): void {
      counter.push(tokens, addChunk);
    },
    result(): Detection {
      // An infinite score leaves no compensation to add: it is NaN.
      const statistic = Number.isFinite(sum) ? sum + compensation : sum;
      const { log10PValue, tail } = test(statistic);
      const deviation = Math.sqrt(scored * variance);
      const power = alternative && powerAgainst(law, alternative, scored, alpha);
      return Object.freeze({
        scheme: scheme.name,
        tokensTotal: total,
        tokensScored: scored,
        tokensRepeated: repeated,
        tokensUnscoreable: total - scored - repeated,
        statistic,
        zScore: deviation > 0 ? (statistic - scored * mean) / deviation : 0,
        pValue: 10 ** log10PValue,
        log10PValue,
        tail,
        alpha,
        verdict: decideVerdict(log10PValue, alpha, power),
        power,
        powerAssumes,
        correctedFor: 1,
      });
    },
  });
}
