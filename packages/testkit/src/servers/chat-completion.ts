import type { LogitSource, TokenId } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { bestTokens } from "./best-tokens.ts";
import { isJsonObject, type JsonObject } from "./json-value.ts";
import { neutralRules, type SamplingRules } from "./sampling-chain.ts";
import { createEvaluator } from "./scores.ts";
import { generateSequence, type SequenceStep, tokenText } from "./sequence.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";

/** One token as servers without ids report it. */
export interface IdlessToken {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
}

/** A position of an answer, with the tokens that were likely there. */
export interface IdlessPosition extends IdlessToken {
  readonly top_logprobs: readonly IdlessToken[];
}

/** A chat's or a text's continuation, as far as all servers without ids agree. */
export interface TextCompletion {
  readonly text: string;
  readonly finishReason: "stop" | "length";
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly positions: readonly IdlessPosition[];
}

/** Continues texts. */
export interface TextCompleter {
  complete(prompt: string, body: JsonObject, topLogprobs: number, signal: AbortSignal): AsyncIterable<TextCompletion>;
}

/** Options of {@link createTextCompleter}. */
export interface TextCompleterOptions {
  readonly source: LogitSource;
  readonly vocabulary: ServerVocabulary;
  readonly tokenMs: number;
  readonly seed: string;
  /** Tokens at most where the request does not say. */
  readonly maxTokens: number;
}

/** A completer over a source: text in, text and raw log-probabilities without ids out. Each item is the whole answer so far. */
export function createTextCompleter(options: TextCompleterOptions): TextCompleter {
  const { source, vocabulary, tokenMs, seed, maxTokens: mostTokens } = options;
  const evaluator = createEvaluator(source, { vocabularySize: vocabulary.size, jitter: 0, seed });
  const unseeded = seedrandom(`${seed}/draws`);

  function position(step: SequenceStep, count: number): IdlessPosition {
    const { logits, logTotal } = step.raw;
    const named = (token: TokenId): IdlessToken => ({
      token: tokenText(vocabulary, token),
      logprob: Math.fround(logits[token]! - logTotal),
      bytes: Array.from(vocabulary.bytesOf(token), (byte) => byte.charCodeAt(0)),
    });
    return { ...named(step.token), top_logprobs: Array.from(bestTokens(logits, count), named) };
  }

  return {
    async *complete(prompt: string, body: JsonObject, topLogprobs: number, signal: AbortSignal) {
      const number = (name: string, fallback: number): number =>
        typeof body[name] === "number" ? (body[name] as number) : fallback;
      const bias = new Map<TokenId, number>();
      if (isJsonObject(body.logit_bias))
        for (const [key, value] of Object.entries(body.logit_bias))
          if (Number(key) < vocabulary.size) bias.set(Number(key), Math.min(100, Math.max(-100, Number(value))));
      const rules: SamplingRules = {
        ...neutralRules,
        temperature: number("temperature", 1),
        topP: number("top_p", 1),
        presencePenalty: number("presence_penalty", 0),
        frequencyPenalty: number("frequency_penalty", 0),
        bias,
      };
      const stop =
        typeof body.stop === "string" ? [body.stop] : Array.isArray(body.stop) ? (body.stop as string[]) : [];
      const tokens = vocabulary.encode(prompt, { addSpecial: true });
      const positions: IdlessPosition[] = [];
      const steps = generateSequence(evaluator, vocabulary, {
        prompt: tokens,
        rules,
        random: typeof body.seed === "number" ? seedrandom(String(body.seed)) : unseeded,
        maxTokens: number("max_completion_tokens", number("max_tokens", mostTokens)),
        stop,
        stopTokens: [],
        ignoreEos: false,
        tokenMs,
        signal,
      });
      for await (const step of steps) {
        // The end token is not reported by servers of this kind.
        if (typeof step.ended !== "object" || "word" in step.ended) positions.push(position(step, topLogprobs));
        yield {
          text: step.text,
          finishReason: step.ended === "length" ? "length" : "stop",
          promptTokens: tokens.length,
          completionTokens: positions.length,
          positions,
        } satisfies TextCompletion;
      }
    },
  };
}

/** The last item: the whole answer. */
export async function wholeCompletion(parts: AsyncIterable<TextCompletion>): Promise<TextCompletion> {
  let last: TextCompletion | undefined;
  for await (const part of parts) last = part;
  return last!;
}

/** Usage in OpenAI's words. */
export function usageOf({ promptTokens, completionTokens }: TextCompletion): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** The content of all messages as one prompt; the true template is the server's own business. */
export function promptOfMessages(messages: unknown): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return undefined;
  if (!messages.every((message) => isJsonObject(message) && typeof message.content === "string")) return undefined;
  return messages.map((message: JsonObject) => `${message.role}: ${message.content}\n`).join("");
}
