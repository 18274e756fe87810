import { TokenmarkError } from "../errors.ts";
import { createLogitsProcessor } from "../sampling/logits-processor.ts";
import { refuseUnmarkable } from "../sampling/refuse-greedy.ts";
import type { MarkOutcome } from "../sampling/repeat-guard.ts";
import { createSampler, type SamplerOptions } from "../sampling/sampler.ts";
import type { LogitSource, TokenId, TokenSequence, WatermarkScheme } from "../types.ts";
import { checkInteger } from "../validate.ts";

/** Options of {@link generate}. */
export interface GenerateOptions extends SamplerOptions {
  /** The mark; without it the text is unmarked. */
  readonly scheme?: WatermarkScheme;
  /** At most so many new tokens, at least 1. */
  readonly maxTokens: number;
  /** Generation ends when one of these is drawn; it is yielded as the last token. @defaultValue none */
  readonly stopTokens?: readonly TokenId[];
  /** Ends generation early; passed on to the source. */
  readonly signal?: AbortSignal;
}

/** One new token. */
export interface GeneratedToken {
  readonly token: TokenId;
  /** 0 for the first new token. */
  readonly index: number;
  /** Whether it was drawn under the mark, and if not why. */
  readonly outcome: MarkOutcome | "no-scheme";
}

/** What {@link generate} returns when it ends. */
export interface GenerationSummary {
  /** New tokens only. */
  readonly tokens: readonly TokenId[];
  readonly finishReason: "length" | "stop";
  /** New tokens by outcome. */
  readonly outcomes: Readonly<Partial<Record<GeneratedToken["outcome"], number>>>;
}

/**
 * Writes tokens from a source's next-token scores, marked by a scheme. The local path and every API path go through
 * here: one sampler, one processor, one guard.
 *
 * @example
 * for await (const { token } of generate(source, prompt, { scheme, maxTokens: 200, random })) ids.push(token);
 *
 * @throws TokenmarkError `bad-argument`, `no-random`, `needs-sampling`, `aborted`; whatever the source throws.
 */
export async function* generate(
  source: LogitSource,
  prompt: TokenSequence,
  options: GenerateOptions,
): AsyncGenerator<GeneratedToken, GenerationSummary, undefined> {
  const { scheme, maxTokens, stopTokens = [], signal, ...sampling } = options;
  checkInteger("maxTokens", maxTokens, 1, Number.MAX_SAFE_INTEGER);
  if (scheme !== undefined) refuseUnmarkable(scheme, sampling);
  const sampler = createSampler(sampling);
  const processor =
    scheme &&
    createLogitsProcessor(scheme, {
      promptLength: prompt.length,
      ...(sampling.random === undefined ? {} : { random: sampling.random }),
    });
  const tokens = Array.from(prompt);
  const outcomes: Partial<Record<GeneratedToken["outcome"], number>> = {};
  let outcome: GeneratedToken["outcome"] = "no-scheme";
  const mark = processor && {
    stage: processor.scheme.stage,
    apply(logits: Float32Array, candidates?: TokenSequence): void {
      outcome = processor.mark(logits, tokens, candidates);
    },
  };
  const summary = (finishReason: GenerationSummary["finishReason"]): GenerationSummary => ({
    tokens: tokens.slice(prompt.length),
    finishReason,
    outcomes,
  });
  for (let index = 0; index < maxTokens; index++) {
    if (signal?.aborted)
      throw new TokenmarkError("aborted", `generate: aborted after ${index} tokens`, { cause: signal.reason });
    const { logits, candidates } = await source.next(tokens, signal === undefined ? {} : { signal });
    const token = sampler.sample(logits, {
      ...(candidates === undefined ? {} : { candidates }),
      ...(mark === undefined ? {} : { mark }),
    });
    tokens.push(token);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    yield { token, index, outcome };
    if (stopTokens.includes(token)) return summary("stop");
  }
  return summary("length");
}
