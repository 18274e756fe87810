import { checkLogits } from "../check-logits.ts";
import { TokenmarkError } from "../errors.ts";
import { expNonPositive } from "../exp-table.ts";
import type { TokenId, TokenSequence, WatermarkScheme } from "../types.ts";
import { checkInteger, checkNumber } from "../validate.ts";
import { createTruncator, nameCandidates } from "./truncation.ts";

/** Options of {@link createSampler}. */
export interface SamplerOptions {
  /** Divides the logits; above 0. For temperature 0 say `greedy`. @defaultValue 1 */
  readonly temperature?: number;
  /** Keep the k best; 0: all. @defaultValue 0 */
  readonly topK?: number;
  /** Keep the smallest set of best tokens whose probability reaches p, in (0, 1]. @defaultValue 1 */
  readonly topP?: number;
  /** Keep tokens of at least this share of the best token's probability, in [0, 1). @defaultValue 0 */
  readonly minP?: number;
  /** Take the best token; the other options then mean nothing. @defaultValue false */
  readonly greedy?: boolean;
  /** Uniform on [0, 1). Required unless `greedy`: there is no default generator and no default seed. */
  readonly random?: () => number;
}

/** A mark's place in one draw: called on the logits of its stage, in place. */
export interface SamplingMark {
  readonly stage: WatermarkScheme["stage"];
  readonly apply: (logits: Float32Array, candidates?: TokenSequence) => void;
}

/** Draws tokens. */
export interface Sampler {
  /**
   * One draw: temperature → mark, if it goes before truncation → top-k → top-p → min-p → mark, if it goes after → draw. Overwrites
   * `logits`. `candidates[i]` names the token of `logits[i]` when they are not dense. Greedy marks first, then takes the best.
   */
  sample(
    logits: Float32Array,
    options?: { readonly candidates?: TokenSequence; readonly mark?: SamplingMark },
  ): TokenId;
}

/**
 * Makes a sampler. The order of its steps is fixed; what runs where is documented at {@link Sampler.sample}.
 *
 * @throws TokenmarkError `bad-argument`, `no-random`; from `sample`: `bad-logits`, `nan-logits`, `all-masked`.
 */
export function createSampler(options: SamplerOptions = {}): Sampler {
  const { temperature = 1, topK = 0, topP = 1, minP = 0, greedy = false, random } = options;
  if (temperature === 0) {
    throw new TokenmarkError(
      "bad-argument",
      "temperature: wanted a number above 0, got 0; for the best token every time say greedy: true",
    );
  }
  checkNumber("temperature", temperature, 0, Number.POSITIVE_INFINITY, { open: true });
  checkInteger("topK", topK, 0, Number.MAX_SAFE_INTEGER);
  if (!(topP > 0)) checkNumber("topP", topP, 0, 1, { open: true });
  checkNumber("topP", topP, 0, 1);
  checkNumber("minP", minP, 0, 1);
  if (minP === 1)
    throw new TokenmarkError(
      "bad-argument",
      "minP: wanted a number from 0 up to but not 1, got 1; for the best token say greedy: true",
    );
  if (!greedy && random === undefined) {
    throw new TokenmarkError(
      "no-random",
      "random: sampling wanted a function random() uniform on [0, 1), got none; or say greedy: true",
    );
  }
  const truncates = topK > 0 || topP < 1 || minP > 0;
  const truncate = createTruncator({ topK, topP, minP });
  const inverse = 1 / temperature;

  function draw(logits: Float32Array, count: number, candidates: TokenSequence | undefined): TokenId {
    let max = Number.NEGATIVE_INFINITY;
    let at = 0;
    for (let i = 0; i < count; i++) {
      if (logits[i]! > max) {
        max = logits[i]!;
        at = i;
      }
    }
    let total = 0;
    let alone = true;
    for (let i = 0; i < count; i++) {
      const weight = expNonPositive(logits[i]! - max);
      if (weight > 0 && i !== at) alone = false;
      total += weight;
    }
    // A keyed draw has left one finite logit: no random number is spent on a certain choice.
    if (!alone && !greedy) {
      let rest = random!() * total;
      for (let i = 0; i < count; i++) {
        const weight = expNonPositive(logits[i]! - max);
        if (weight === 0) continue;
        at = i;
        rest -= weight;
        if (rest < 0) break;
      }
    }
    return candidates === undefined ? at : candidates[at]!;
  }

  return Object.freeze({
    sample(
      logits: Float32Array,
      { candidates, mark }: { candidates?: TokenSequence; mark?: SamplingMark } = {},
    ): TokenId {
      const max = logits[checkLogits(logits, candidates)]!;
      if (greedy) {
        mark?.apply(logits, candidates);
        return draw(logits, logits.length, candidates);
      }
      // From the maximum down, so that no temperature, however small, overflows.
      if (inverse !== 1) for (let i = 0; i < logits.length; i++) logits[i] = (logits[i]! - max) * inverse;
      if (mark?.stage === "before-truncation") mark.apply(logits, candidates);
      let count = logits.length;
      let rows = logits;
      let names = candidates;
      if (truncates) {
        const truncation = truncate(logits);
        count = truncation.count;
        rows = truncation.logits.subarray(0, count);
        names = nameCandidates(truncation, candidates);
      }
      if (mark?.stage === "after-truncation") mark.apply(rows, names);
      return draw(rows, count, names);
    },
  });
}
