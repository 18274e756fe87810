import { type TokenId, TokenmarkError, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import { upperTail } from "@tokenmark/stats";
import { checkSequence, show } from "./argument-check.ts";
import { COUNTED, createUnitCounter, OVER_BUDGET, REPEATED, type UnitCounterOptions } from "./counting.ts";
import type { Detection } from "./detection.ts";
import { createDetector, type TestOptions } from "./detector.ts";

/** Where the generated part of a token array begins. */
export interface SpanOptions extends Pick<UnitCounterOptions, "dropPromptUnits"> {
  /** Index of the first generated token. @defaultValue 0 */
  readonly start?: number;
  /** Whether `tokens[0 … start − 1]` are the prompt; else they are ignored. With start 0: the prompt was empty. @defaultValue false */
  readonly promptKnown?: boolean;
}

/** Options of {@link detectTokens}. */
export interface DetectTokensOptions extends TestOptions, SpanOptions {}

/** What one token has to say. */
export interface TokenScore {
  /** Place in the token array given, prompt included. */
  readonly index: number;
  readonly token: TokenId;
  /** The scheme's score; null where none is possible. */
  readonly score: number | null;
  /**
   * −log₁₀ P(a unit scores this much or more without the key), ≥ 0; null without a score or a known law. For showing where the
   * evidence sits: single values mean nothing, and only the sum of counted scores is tested.
   */
  readonly evidence: number | null;
  readonly counted: boolean;
  readonly why: "counted" | "repeated" | "unscoreable" | "over-budget";
}

/**
 * Tests a token array for a scheme's mark.
 *
 * @example
 * const { verdict, pValue, alpha } = detectTokens(gumbel(key), ids, { start: promptIds.length, promptKnown: true });
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function detectTokens(
  scheme: WatermarkScheme,
  tokens: TokenSequence,
  options: DetectTokensOptions = {},
): Detection {
  const { alpha, expected } = options;
  const { generated, counting } = split(tokens, options);
  const detector = createDetector(scheme, { ...counting, expected, ...(alpha === undefined ? {} : { alpha }) });
  detector.push(generated);
  return detector.result();
}

/**
 * The score of every generated token and whether it counts, for heat maps and for finding out why a test said what it said.
 * Works for unknown null laws too.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function scoreTokens(
  scheme: WatermarkScheme,
  tokens: TokenSequence,
  options: SpanOptions = {},
): readonly TokenScore[] {
  const { start = 0 } = options;
  const { generated, counting } = split(tokens, options);
  const evidenceOf = unitEvidence(scheme);
  const rows: TokenScore[] = [];
  createUnitCounter(scheme, counting).push(generated, ({ count, scores, fates }) => {
    for (let i = 0; i < count; i++) {
      const at = rows.length;
      const counted = fates[i] === COUNTED;
      const isBeyond = fates[i] === OVER_BUDGET;
      const scoreable = counted || isBeyond || fates[i] === REPEATED;
      if (scoreable && !Number.isFinite(scores[i]!)) {
        throw new TokenmarkError(
          "bad-argument",
          `scheme: ${scheme.name} scored ${scores[i]} for tokens[${start + at}]`,
        );
      }
      rows.push(
        Object.freeze({
          index: start + at,
          token: generated[at]!,
          score: scoreable ? scores[i]! : null,
          evidence: scoreable ? evidenceOf(scores[i]!) : null,
          counted,
          why: counted ? "counted" : isBeyond ? "over-budget" : scoreable ? "repeated" : "unscoreable",
        }),
      );
    }
  });
  return rows;
}

/** −log₁₀ of a single unit's upper tail; discrete laws have few values, each looked up once. */
function unitEvidence({ nullLaw }: WatermarkScheme): (score: number) => number | null {
  if (nullLaw.family === "unknown") return () => null;
  const known = new Map<number, number | null>();
  return (score) => {
    const cached = known.get(score);
    if (cached !== undefined) return cached;
    const decades = -upperTail(nullLaw, 1, score).log10PValue;
    const evidence = Number.isFinite(decades) ? decades + 0 : null;
    if (nullLaw.family !== "exponential") known.set(score, evidence);
    return evidence;
  };
}

function split(
  tokens: TokenSequence,
  options: SpanOptions,
): { readonly generated: TokenSequence; readonly counting: UnitCounterOptions } {
  const { start = 0, promptKnown = false, dropPromptUnits } = options;
  checkSequence("tokens", tokens);
  if (!Number.isInteger(start) || start < 0 || start > tokens.length) {
    throw new TokenmarkError(
      "bad-argument",
      `start: wanted an integer from 0 to ${tokens.length}, the number of tokens, got ${show(start)}`,
    );
  }
  return {
    generated: slice(tokens, start, tokens.length),
    counting: {
      ...(promptKnown ? { prompt: slice(tokens, 0, start) } : {}),
      ...(dropPromptUnits === undefined ? {} : { dropPromptUnits }),
    },
  };
}

/** A view where the array type has one, else a copy; the whole is handed on as it is. */
function slice(tokens: TokenSequence, from: number, to: number): TokenSequence {
  if (from === 0 && to === tokens.length) return tokens;
  return tokens instanceof Int32Array ? tokens.subarray(from, to) : Array.prototype.slice.call(tokens, from, to);
}
