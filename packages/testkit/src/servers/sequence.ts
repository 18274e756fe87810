import { setTimeout as sleep } from "node:timers/promises";
import type { TokenId } from "@tokenmark/core";
import { drawToken, type Processed, processLogits, type SamplingRules } from "./sampling-chain.ts";
import type { Evaluator, Scores } from "./scores.ts";
import { type ServerVocabulary, textOfBytes } from "./server-vocabulary.ts";
import { wholeLength } from "./whole-length.ts";

/** What one sequence is asked for, on servers other than llama.cpp's. */
export interface SequenceRequest {
  readonly prompt: readonly TokenId[];
  readonly rules: SamplingRules;
  readonly random: () => number;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly stopTokens: readonly TokenId[];
  readonly ignoreEos: boolean;
  readonly tokenMs: number;
  readonly signal: AbortSignal;
}

/** One drawn token with what it was drawn from. */
export interface SequenceStep {
  readonly token: TokenId;
  readonly raw: Scores;
  readonly processed: Processed;
  /** Whole text so far; a character that is not finished is left out, and so is a stop string. */
  readonly text: string;
  /** Set on the last step: "length", an id (end token or stop token), or a stop string. */
  readonly ended?: "length" | { readonly token: TokenId } | { readonly word: string };
}

/** Generates one sequence step by step. The end token is the last step of a sequence that meets one, with no text. */
export async function* generateSequence(
  evaluator: Evaluator,
  vocabulary: ServerVocabulary,
  request: SequenceRequest,
): AsyncGenerator<SequenceStep, void, undefined> {
  const { prompt, rules, random, maxTokens, stop, stopTokens, ignoreEos, tokenMs, signal } = request;
  const history = prompt.slice();
  let bytes = "";
  for (let count = 1; ; count++) {
    const raw = await evaluator.scoresAfter(history, count === 1 ? 0 : history.length, signal);
    if (tokenMs > 0) await sleep(tokenMs);
    signal.throwIfAborted();
    const processed = processLogits(raw.logits, rules, history, prompt.length);
    const token = drawToken(processed, random, rules.greedy);
    history.push(token);
    bytes += vocabulary.bytesOf(token);
    const whole = textOfBytes(bytes.slice(0, wholeLength(bytes)));
    const step = { token, raw, processed, text: whole };
    const isEnd = (!ignoreEos && vocabulary.endTokens.includes(token)) || stopTokens.includes(token);
    const word = stop.filter((one) => whole.includes(one)).sort((a, b) => whole.indexOf(a) - whole.indexOf(b))[0];
    if (isEnd) return yield { ...step, ended: { token } };
    if (word !== undefined) return yield { ...step, text: whole.slice(0, whole.indexOf(word)), ended: { word } };
    if (count === maxTokens) return yield { ...step, ended: "length" };
    yield step;
  }
}

/** All steps of a sequence. */
export async function collectSteps(sequence: AsyncIterable<SequenceStep>): Promise<SequenceStep[]> {
  const steps: SequenceStep[] = [];
  for await (const step of sequence) steps.push(step);
  return steps;
}

/** The text of one token alone, as a tokenizer decodes it: U+FFFD for bytes that are no text. */
export function tokenText(vocabulary: ServerVocabulary, token: TokenId): string {
  return vocabulary.decode([token], { special: true });
}
