import { setTimeout as sleep } from "node:timers/promises";
import type { TokenId } from "@tokenmark/core";
import { llamaError } from "./llama-error.ts";
import type { LlamaProbabilityWriter } from "./llama-probabilities.ts";
import type { LlamaSettings } from "./llama-settings.ts";
import type { LlamaSlots } from "./llama-slots.ts";
import { LlamaText } from "./llama-text.ts";
import { drawToken, processLogits } from "./sampling-chain.ts";
import type { Evaluator } from "./scores.ts";
import { bytesOfText, type ServerVocabulary, textOfBytes } from "./server-vocabulary.ts";

/** What a generation needs of its server. */
export interface LlamaEngine {
  readonly vocabulary: ServerVocabulary;
  readonly evaluator: Evaluator;
  readonly slots: LlamaSlots;
  readonly probabilities: LlamaProbabilityWriter;
  readonly contextLength: number;
  readonly tokenMs: number;
  /** A generator for one sequence. */
  random(seed: number): () => number;
}

/** A token that is sent: there is none for a token that leaves a character unfinished. */
export interface LlamaPiece {
  readonly token: TokenId;
  /** Bytes sent with it; "" while they may begin a stop word. */
  readonly bytes: string;
  /** Its probability entry as JSON; "" if none was asked for. */
  readonly entry: string;
  readonly tokensPredicted: number;
}

/** A finished generation. */
export interface LlamaResult {
  readonly slot: number;
  readonly prompt: readonly TokenId[];
  readonly tokens: readonly TokenId[];
  readonly bytes: string;
  readonly entries: readonly string[];
  readonly stopType: "limit" | "eos" | "word";
  readonly stoppingWord: string;
  readonly hasNewLine: boolean;
  readonly truncated: boolean;
  readonly cacheN: number;
  readonly promptMs: number;
  readonly predictedMs: number;
}

/**
 * Generates after one prompt, on one slot.
 *
 * @throws AnswerError 400 if the prompt fills the context.
 */
export async function* generateOnSlot(
  engine: LlamaEngine,
  prompt: readonly TokenId[],
  settings: LlamaSettings,
  signal: AbortSignal,
): AsyncGenerator<LlamaPiece, LlamaResult, undefined> {
  const { vocabulary, contextLength } = engine;
  if (prompt.length >= contextLength)
    throw llamaError(
      "exceed_context_size_error",
      `request (${prompt.length} tokens) exceeds the available context size (${contextLength} tokens), try increasing it`,
      { n_prompt_tokens: prompt.length, n_ctx: contextLength },
    );
  const { cachePrompt, idSlot, report, rules, nPredict, nProbs } = settings;
  const taken = await engine.slots.take({ tokens: prompt, idSlot, cachePrompt, report });
  const random = engine.random(settings.seed);
  const text = new LlamaText(settings.stop.map(bytesOfText));
  const history = prompt.slice();
  const entries: string[] = [];
  const started = performance.now();
  let promptMs = 0;
  let stopType: LlamaResult["stopType"] | undefined;
  let truncated = false;
  let held = prompt;
  try {
    while (stopType === undefined) {
      const generated = history.length - prompt.length;
      // A position that was decoded on its own was computed on top of a cache.
      const scores = await engine.evaluator.scoresAfter(
        history,
        generated === 0 ? taken.cached : history.length,
        signal,
      );
      if (generated === 0) promptMs = performance.now() - started;
      if (engine.tokenMs > 0) await sleep(engine.tokenMs);
      signal.throwIfAborted();
      const processed = processLogits(scores.logits, rules, history);
      const token = drawToken(processed, random);
      held = history.slice();
      history.push(token);
      const isEnd = vocabulary.endTokens.includes(token);
      const { sent } = text.push(vocabulary.bytesOf(token), isEnd);
      if (text.stoppingWord !== "") stopType = "word";
      if (history.length >= contextLength) [stopType, truncated] = ["limit", true];
      // n_predict 0 stops after one token, against llama.cpp's README: the budget is looked at after the token.
      else if (stopType === undefined && nPredict >= 0 && history.length - prompt.length >= nPredict)
        stopType = "limit";
      if (isEnd) stopType = "eos";
      if (sent === null) continue;
      let entry = "";
      if (nProbs > 0) {
        const { probabilities } = engine;
        entry = settings.postSamplingProbs
          ? probabilities.postSampling(token, sent, processed, nProbs)
          : probabilities.raw(token, sent, scores, nProbs);
        entries.push(entry);
      }
      yield { token, bytes: sent, entry, tokensPredicted: history.length - prompt.length };
    }
  } finally {
    taken.release(held);
  }
  const stoppingWord = textOfBytes(text.stoppingWord);
  // On a stop word the server drops as many entries as the word itself has tokens.
  if (stopType === "word") entries.length = Math.max(0, entries.length - vocabulary.encode(stoppingWord).length);
  return {
    slot: taken.slot.id,
    prompt,
    tokens: history.slice(prompt.length),
    bytes: text.bytes,
    entries,
    stopType,
    stoppingWord,
    hasNewLine: text.hasNewLine,
    truncated,
    cacheN: taken.cached,
    promptMs,
    predictedMs: performance.now() - started - promptMs,
  };
}

/** Runs a generation to its end. */
export async function runToEnd(generation: AsyncGenerator<LlamaPiece, LlamaResult, undefined>): Promise<LlamaResult> {
  for (;;) {
    const step = await generation.next();
    if (step.done) return step.value;
  }
}
