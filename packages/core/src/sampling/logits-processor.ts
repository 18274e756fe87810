import { TokenmarkError } from "../errors.ts";
import type { TokenSequence, WatermarkScheme } from "../types.ts";
import { checkInteger, checkTokenId } from "../validate.ts";
import { createRepeatGuard, type MarkOutcome } from "./repeat-guard.ts";

/** Options of {@link createLogitsProcessor}. */
export interface LogitsProcessorOptions {
  /** How many of the tokens are prompt. @defaultValue 0 */
  readonly promptLength?: number;
  /** Uniform on [0, 1); for schemes that draw a key privately (dual key). */
  readonly random?: () => number;
}

/** One sequence's marking state. */
export interface LogitsProcessor {
  readonly scheme: WatermarkScheme;
  /**
   * Marks the next-token logits in place and says whether it did: "declined" where the scheme leaves this distribution alone.
   *
   * `tokens` is everything before the position, prompt first, without padding; it extends the tokens of the call before (a
   * shorter sequence starts over).
   */
  mark(logits: Float32Array, tokens: TokenSequence, candidates?: TokenSequence): MarkOutcome;
}

/**
 * Makes the processor of one sequence: scheme, prompt boundary and the repeated-context guard together. A scheme is shared; a
 * processor is not.
 *
 * @throws TokenmarkError `bad-argument`; from `mark`: whatever `scheme.process` throws.
 */
export function createLogitsProcessor(scheme: WatermarkScheme, options: LogitsProcessorOptions = {}): LogitsProcessor {
  const { promptLength = 0, random } = options;
  checkInteger("promptLength", promptLength, 0, Number.MAX_SAFE_INTEGER);
  const { width, prompt } = scheme.context;
  // What a distribution was is not in the tokens, so declined positions are remembered, as long as the sequence only grows.
  const declined = new Set<number>();
  let latest = 0;
  const guard = createRepeatGuard(scheme.context, scheme.repeats, promptLength, {
    isDeclined: (position) => declined.has(position),
  });
  const context = new Int32Array(width);
  const oldest = prompt === "included" ? 0 : promptLength;
  return Object.freeze({
    scheme,
    mark(logits: Float32Array, tokens: TokenSequence, candidates?: TokenSequence): MarkOutcome {
      const position = tokens.length;
      if (position < promptLength) {
        throw new TokenmarkError(
          "bad-argument",
          `tokens: wanted at least the prompt's ${promptLength} tokens, got ${position}`,
        );
      }
      if (position < latest) declined.clear();
      latest = position;
      declined.delete(position);
      const outcome = guard(tokens);
      if (outcome !== "marked") return outcome;
      const count = Math.min(width, position - oldest);
      for (let i = 0; i < count; i++) context[i] = checkTokenId("tokens", tokens[position - count + i]);
      if (scheme.declines?.(logits) === true) {
        declined.add(position);
        return "declined";
      }
      scheme.process(logits, count === width ? context : context.subarray(0, count), {
        ...(candidates === undefined ? {} : { candidates }),
        ...(random === undefined ? {} : { random }),
      });
      return outcome;
    },
  });
}
