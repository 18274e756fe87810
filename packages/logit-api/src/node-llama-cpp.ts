import {
  type Detokenizer,
  type LogitSource,
  type NextLogits,
  type SourceCall,
  type TokenId,
  TokenmarkError,
  type TokenSequence,
  throwIfAborted,
} from "@tokenmark/core";
import { createEngineDetokenizer } from "./engine-detokenizer.ts";
import type { LlamaGenerateNext, LlamaInput, LlamaSequence } from "./llama-sequence.ts";
import { checkTopLogprobs } from "./server-source.ts";

/** Options of {@link nodeLlamaCpp}. */
export interface NodeLlamaCppOptions {
  /** Candidates a position, the best ones, at least 2. @defaultValue the whole vocabulary */
  readonly topLogprobs?: number;
}

/** A llama.cpp model inside this process. */
export interface NodeLlamaCppSource extends LogitSource {
  /** Width of the model's logits. */
  readonly vocabularySize: number;
  /** Tokens that prompt and text may have together. */
  readonly contextLength: number;
  /** Tokens that end a text: for `stopTokens`. */
  readonly endTokens: readonly TokenId[];
  /** Ids of a text, behind the BOS that the model wants a prompt to begin with; `addSpecial: false` leaves that out. */
  encode(text: string, options?: { readonly addSpecial?: boolean }): readonly TokenId[];
  /** Text of ids by the model's own tokenizer, without special tokens. */
  decode(tokens: TokenSequence): string;
  createDetokenizer(prompt: TokenSequence): Detokenizer;
}

/** The engine reports scores as its own sampler leaves them: divided by its temperature, cut by its top-k and top-p. Here: as they are. */
const NEUTRAL = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/**
 * Next-token scores of a llama.cpp model inside this process, through a sequence of node-llama-cpp 3 (from 3.22), which this package
 * does not install.
 *
 * Only tokens behind what the sequence's state has in common with the question are evaluated: one a step. The source may be asked
 * from several places at once, and answers one after the other; nobody else should use the sequence at the same time. Give the
 * context no more `threads` than the machine has free cores: with more, llama.cpp's threads wait for each other, and a token of a
 * small model took 300 ms instead of 3.
 *
 * @example
 * const llama = await getLlama();
 * const model = await llama.loadModel({ modelPath });
 * const context = await model.createContext({ threads: 4 });
 * const source = nodeLlamaCpp(context.getSequence());
 * const prompt = source.encode("Once upon a time");
 * for await (const { text } of generate(source, prompt, { scheme, maxTokens: 200, random })) process.stdout.write(text);
 *
 * @throws TokenmarkError `bad-argument` for a disposed sequence, for an option or a token that is out of range; from `next` also
 * `too-long` where llama.cpp would drop the text's beginning, `aborted` (looked at between two batches), and what the engine throws.
 */
export function nodeLlamaCpp(sequence: LlamaSequence, options: NodeLlamaCppOptions = {}): NodeLlamaCppSource {
  const { topLogprobs } = options;
  if (topLogprobs !== undefined) checkTopLogprobs(topLogprobs);
  checkAlive();
  const { model, contextSize } = sequence;
  const vocabulary = Array.from(model.iterateAllTokens());
  const vocabularySize = vocabulary.length;
  const endTokens = vocabulary.filter((token) => model.isEogToken(token));
  const wanted: LlamaGenerateNext = {
    logits: topLogprobs === undefined ? true : { filter: { tokens: [], includeTop: topLogprobs } },
    options: NEUTRAL,
  };
  let idle: Promise<unknown> = Promise.resolve();

  function checkAlive(cause?: unknown): void {
    if (!sequence.disposed && !sequence.model.disposed) return;
    throw new TokenmarkError(
      "bad-argument",
      "sequence: wanted a live LlamaContextSequence, got one that is disposed, or whose context or model is",
      { cause },
    );
  }

  function checkTokens(tokens: readonly TokenId[]): void {
    if (tokens.length === 0)
      throw new TokenmarkError(
        "bad-argument",
        "tokens: wanted at least one token, got none; begin with the model's BOS",
      );
    const wrong = tokens.find((token) => !(Number.isInteger(token) && token >= 0 && token < vocabularySize));
    if (wrong !== undefined)
      throw new TokenmarkError("bad-argument", `tokens: wanted ids from 0 to ${vocabularySize - 1}, got ${wrong}`);
    if (tokens.length >= contextSize)
      throw new TokenmarkError(
        "too-long",
        `tokens: the context has room for ${contextSize} tokens and one must stay free for the next, got ${tokens.length}; ` +
          "create the context with a larger contextSize",
      );
  }

  /** Evaluates what is missing, a batch at a time, and at least the last token: only its evaluation gives scores. */
  async function evaluate(tokens: readonly TokenId[], signal: AbortSignal | undefined): Promise<NextLogits> {
    throwIfAborted(signal, "before evaluation");
    await sequence.adaptStateToTokens(tokens.slice(0, -1), false);
    const { batchSize } = sequence.context;
    let scores: ReadonlyMap<TokenId, number> | undefined;
    for (let from = sequence.nextTokenIndex; from < tokens.length; from += batchSize) {
      throwIfAborted(signal, `after evaluating ${from} of ${tokens.length} tokens`);
      const batch: LlamaInput[] = tokens.slice(from, from + batchSize);
      const last = batch.length - 1;
      if (from + batch.length === tokens.length) batch[last] = [tokens[tokens.length - 1]!, { generateNext: wanted }];
      scores = (await sequence.controlledEvaluate(batch))[last]?.next.logits;
    }
    if (sequence.nextTokenIndex !== tokens.length)
      throw new TokenmarkError(
        "bad-argument",
        `sequence: wanted it for this source alone, got a state of ${sequence.nextTokenIndex} tokens where ${tokens.length} were put`,
      );
    if (scores === undefined || scores.size === 0)
      throw new TokenmarkError("bad-answer", "node-llama-cpp: wanted scores of the next token, got none");
    return readScores(scores, vocabularySize);
  }

  function next(tokens: readonly TokenId[], { signal }: SourceCall = {}): Promise<NextLogits> {
    // The caller's array may have grown by the time it is this question's turn.
    const asked = tokens.slice();
    const answer = idle.then(async () => {
      checkAlive();
      checkTokens(asked);
      try {
        return await evaluate(asked, signal);
      } catch (error) {
        if (!(error instanceof TokenmarkError)) checkAlive(error);
        throw error;
      }
    });
    idle = answer.catch(() => {});
    return answer;
  }

  function encode(text: string, { addSpecial = true }: { readonly addSpecial?: boolean } = {}): readonly TokenId[] {
    checkAlive();
    const ids = model.tokenize(text);
    const { bos, shouldPrependBosToken } = model.tokens;
    return addSpecial && shouldPrependBosToken && bos !== null ? [bos, ...ids] : ids;
  }

  return Object.freeze({
    name: `node-llama-cpp/${model.filename ?? "model"}`,
    vocabularySize,
    contextLength: contextSize,
    endTokens,
    next,
    encode,
    decode(tokens: TokenSequence): string {
      checkAlive();
      return model.detokenize(Array.from(tokens));
    },
    createDetokenizer(): Detokenizer {
      checkAlive();
      return createEngineDetokenizer(model);
    },
  });
}

/** Dense if every token has a score; else candidates in ascending order of their ids, as every source gives them. */
function readScores(scores: ReadonlyMap<TokenId, number>, vocabularySize: number): NextLogits {
  if (scores.size === vocabularySize) {
    const logits = new Float32Array(vocabularySize);
    for (const [token, score] of scores) logits[token] = score;
    return { logits };
  }
  const candidates = Int32Array.from(scores.keys()).sort();
  return { candidates, logits: Float32Array.from(candidates, (token) => scores.get(token)!) };
}
