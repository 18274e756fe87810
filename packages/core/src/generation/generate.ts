import { TokenmarkError } from "../errors.ts";
import { createLogitsProcessor } from "../sampling/logits-processor.ts";
import { refuseUnmarkable } from "../sampling/refuse-greedy.ts";
import type { MarkOutcome } from "../sampling/repeat-guard.ts";
import { createSampler, type SamplerOptions } from "../sampling/sampler.ts";
import type { Detokenizer, LogitSource, TokenId, TokenSequence, WatermarkScheme } from "../types.ts";
import { checkInteger } from "../validate.ts";
import type { DraftOptions } from "./draft-length.ts";
import { createQuestioner, type QuestionCounts } from "./question.ts";
import { createStopFilter } from "./stop-strings.ts";
import { throwIfAborted, untilAborted } from "./until-aborted.ts";

/** Options of {@link generate}. */
export interface GenerateOptions extends SamplerOptions {
  /** The mark; without it the text is unmarked. */
  readonly scheme?: WatermarkScheme;
  /** At most so many new tokens, at least 1. */
  readonly maxTokens: number;
  /** Strings that end the text; none of them is in it. Needs a source that can spell, or a `detokenizer`. @defaultValue none */
  readonly stop?: readonly string[];
  /** Generation ends when one of these is drawn; it is yielded as the last token. @defaultValue none */
  readonly stopTokens?: readonly TokenId[];
  /** Turns the new tokens into text. @defaultValue the source's own, if it has one; else there is no text */
  readonly detokenizer?: Detokenizer;
  /**
   * Whether to ask a source that can draft for several positions at once, and how far ahead. The tokens are the same either way.
   * @defaultValue true
   */
  readonly speculate?: boolean | DraftOptions;
  /** Ends generation at once, also in the midst of a question; passed on to the source. */
  readonly signal?: AbortSignal;
  /** Called once when the text ends, however it ends: also by an error, and when the reader leaves the loop. */
  readonly onEnd?: (summary: GenerationSummary) => void;
}

/** Why a token was or was not drawn under the mark. */
export type TokenOutcome = MarkOutcome | "no-scheme";

/** One new token. */
export interface GeneratedToken {
  readonly token: TokenId;
  /** 0 for the first new token. */
  readonly index: number;
  /** Whether it was drawn under the mark, and if not why. */
  readonly outcome: TokenOutcome;
  /** Text that became certain with this token: whole characters, no part of a stop string. Concatenated they are the text. */
  readonly text: string;
}

/** What came of it. */
export interface GenerationSummary extends QuestionCounts {
  /** New tokens only: what detection needs, and better than the text. */
  readonly tokens: readonly TokenId[];
  /** The new text, up to a stop string; null if nobody could spell the tokens. */
  readonly text: string | null;
  /** `length`: all tokens written. `aborted`: by the signal, or the reader left. `failed`: the source threw. */
  readonly finishReason: "length" | "stop" | "aborted" | "failed";
  /** The stop string or token that ended the text. */
  readonly stoppedBy: string | TokenId | null;
  /** How each token came about, in order. */
  readonly positions: readonly TokenOutcome[];
  /** New tokens by outcome. */
  readonly outcomes: Readonly<Partial<Record<TokenOutcome, number>>>;
}

/** Counts by outcome. */
function count(positions: readonly TokenOutcome[]): GenerationSummary["outcomes"] {
  const outcomes: Partial<Record<TokenOutcome, number>> = {};
  for (const outcome of positions) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return outcomes;
}

/**
 * Writes tokens from a source's next-token scores, marked by a scheme. The local path and every API path go through
 * here: one sampler, one processor, one guard.
 *
 * @example
 * for await (const { text } of generate(source, prompt, { scheme, maxTokens: 200, random })) process.stdout.write(text);
 *
 * @throws TokenmarkError `bad-argument`, `no-random`, `needs-sampling`, `aborted`; whatever the source throws. What was written
 * until then has been yielded, and `onEnd` gets it all.
 */
export async function* generate(
  source: LogitSource,
  prompt: TokenSequence,
  options: GenerateOptions,
): AsyncGenerator<GeneratedToken, GenerationSummary, undefined> {
  const { scheme, maxTokens, stop = [], stopTokens = [], speculate = true, signal, onEnd, ...rest } = options;
  const { detokenizer = source.createDetokenizer?.(prompt), ...sampling } = rest;
  checkInteger("maxTokens", maxTokens, 1, Number.MAX_SAFE_INTEGER);
  if (scheme !== undefined) refuseUnmarkable(scheme, sampling);
  const sampler = createSampler(sampling);
  if (detokenizer === undefined && stop.length > 0) {
    throw new TokenmarkError(
      "bad-argument",
      `stop: wanted a detokenizer beside stop strings, got none, and ${source.name} cannot spell its tokens; use stopTokens`,
    );
  }
  const filter = createStopFilter(stop);
  const processor =
    scheme &&
    createLogitsProcessor(scheme, {
      promptLength: prompt.length,
      ...(sampling.random === undefined ? {} : { random: sampling.random }),
    });
  const questioner = createQuestioner(source, speculate);
  const tokens = Array.from(prompt);
  const positions: TokenOutcome[] = [];
  let outcome: TokenOutcome = "no-scheme";
  let text = "";
  let finishReason: GenerationSummary["finishReason"] = "aborted";
  let stoppedBy: string | TokenId | null = null;
  const mark = processor && {
    stage: processor.scheme.stage,
    apply(logits: Float32Array, candidates?: TokenSequence): void {
      outcome = processor.mark(logits, tokens, candidates);
    },
  };
  const call = signal === undefined ? {} : { signal };

  /** Text of the token just drawn; of the last one with everything that was held back. */
  function spell(token: TokenId, last: boolean): string {
    if (detokenizer === undefined) return "";
    // A stop token is no text: servers give it empty bytes, but a tokenizer may spell it "</s>".
    let piece = filter.push(stopTokens.includes(token) ? "" : detokenizer.push(token));
    if (last && filter.stoppedBy === null) {
      piece += filter.push(detokenizer.flush());
      piece += filter.flush();
    }
    return piece;
  }

  const summary = (): GenerationSummary => ({
    tokens: tokens.slice(prompt.length),
    text: detokenizer === undefined ? null : text,
    finishReason,
    stoppedBy,
    positions,
    outcomes: count(positions),
    ...questioner.counts,
  });

  try {
    for (let index = 0; index < maxTokens; index++) {
      const after = `after ${index} tokens`;
      throwIfAborted(signal, after);
      finishReason = "failed";
      const answer = questioner.scoresAfter(tokens, maxTokens - index, call);
      const { logits, candidates } = await untilAborted(answer, signal, after);
      const token = sampler.sample(logits, {
        ...(candidates === undefined ? {} : { candidates }),
        ...(mark === undefined ? {} : { mark }),
      });
      questioner.accept(token);
      tokens.push(token);
      positions.push(outcome);
      const ends = stopTokens.includes(token);
      const piece = spell(token, ends || index === maxTokens - 1);
      text += piece;
      if (ends) stoppedBy = token;
      else stoppedBy = filter.stoppedBy;
      finishReason = stoppedBy === null ? (index === maxTokens - 1 ? "length" : "aborted") : "stop";
      yield { token, index, outcome, text: piece };
      if (stoppedBy !== null) break;
    }
    return summary();
  } catch (error) {
    if (error instanceof TokenmarkError && error.code === "aborted") finishReason = "aborted";
    throw error;
  } finally {
    // Cut short, the beginning of a stop string that never came is text like any other.
    if (finishReason === "aborted" || finishReason === "failed") text += filter.flush();
    onEnd?.(summary());
  }
}
