import { Tensor } from "@huggingface/transformers";
import { type LogitReader, TokenmarkError, type TokenSequence } from "@tokenmark/core";

/** What is used of a model: transformers.js' own are such. */
export type ReadableModel = (inputs: { input_ids: Tensor; attention_mask: Tensor }) => Promise<{ logits: Tensor }>;

/** Options of {@link createReader}. */
export interface ReaderOptions {
  /** Positions that the model has. @defaultValue 512 */
  readonly contextLength?: number;
  /** Width of the logits; bounds the memory of one window. @defaultValue 32,768 */
  readonly vocabularySize?: number;
  /** Id put before every window, so that the first token has a law too; null: none. @defaultValue null */
  readonly beginToken?: number | null;
}

/** A model read along texts that exist. */
export interface TextReader extends LogitReader {
  /**
   * Entropy in nats of the law that each token was drawn from, at a temperature. Item i belongs to token i; item 0 is NaN without a
   * begin token.
   */
  entropies(tokens: TokenSequence, options?: { readonly temperature?: number }): Promise<Float64Array>;
  /** ln p of each token under the model at temperature 1, laid out as `entropies`. */
  logProbabilities(tokens: TokenSequence): Promise<Float64Array>;
  /** exp(−mean ln p) over the tokens that have a law; NaN if none has. */
  perplexity(tokens: TokenSequence): Promise<number>;
}

/** Scores held at a time: 128 MiB of float32. */
const WINDOW_SCORES = 2 ** 25;

/** The largest score and ln Σ exp((s − largest) / T), and Σ p · (s − largest) / T. */
function summarize(scores: Float32Array, temperature: number): { max: number; logTotal: number; mean: number } {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) if (scores[i]! > max) max = scores[i]!;
  let total = 0;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const x = (scores[i]! - max) / temperature;
    const weight = Math.exp(x);
    if (weight === 0) continue;
    total += weight;
    sum += weight * x;
  }
  return { max, logTotal: Math.log(total), mean: sum / total };
}

/**
 * Reads a model's next-token scores along a text, in windows that overlap by half where the text is longer than the model's context: no
 * position but a text's first ones sees less than half a window of what precedes it.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function createReader(model: ReadableModel, options: ReaderOptions = {}): TextReader {
  const { contextLength = 512, vocabularySize = 32_768, beginToken = null } = options;
  const lead = beginToken === null ? 0 : 1;
  const size = Math.min(contextLength, Math.max(64, Math.floor(WINDOW_SCORES / vocabularySize))) - lead;
  if (!Number.isInteger(contextLength) || size < 2) {
    throw new TokenmarkError("bad-argument", `contextLength: wanted an integer of at least 4, got ${contextLength}`);
  }

  async function scoreWindow(tokens: TokenSequence, from: number, to: number): Promise<Tensor> {
    const ids = new BigInt64Array(lead + to - from);
    if (beginToken !== null) ids[0] = BigInt(beginToken);
    for (let i = from; i < to; i++) ids[lead + i - from] = BigInt(tokens[i]!);
    const dims = [1, ids.length];
    const { logits } = await model({
      input_ids: new Tensor("int64", ids, dims),
      attention_mask: new Tensor("int64", new BigInt64Array(ids.length).fill(1n), dims),
    });
    return logits.to("float32");
  }

  /** Yields the scores behind tokens[0…i] for i from −1 (the begin token alone, if there is one). */
  async function* walk(tokens: TokenSequence): AsyncGenerator<Float32Array, void, undefined> {
    let done = -lead;
    for (let from = 0; done < tokens.length; from += size >> 1) {
      const to = Math.min(from + size, tokens.length);
      const logits = await scoreWindow(tokens, from, to);
      const width = logits.dims.at(-1)!;
      const data = logits.data as Float32Array;
      for (; done < to; done++) {
        const row = done - from + lead;
        yield data.subarray(row * width, (row + 1) * width);
      }
    }
  }

  async function measure(
    tokens: TokenSequence,
    of: (scores: Float32Array, token: number) => number,
  ): Promise<Float64Array> {
    const out = new Float64Array(tokens.length).fill(Number.NaN);
    let i = 1 - lead;
    for await (const scores of walk(tokens)) {
      if (i >= tokens.length) break;
      out[i] = of(scores, tokens[i]!);
      i++;
    }
    return out;
  }

  const logProbabilities = (tokens: TokenSequence): Promise<Float64Array> =>
    measure(tokens, (scores, token) => {
      const { max, logTotal } = summarize(scores, 1);
      return scores[token]! - max - logTotal;
    });

  return Object.freeze({
    async *read(tokens: TokenSequence): AsyncGenerator<Float32Array, void, undefined> {
      let skip = lead;
      for await (const scores of walk(tokens)) if (skip-- <= 0) yield scores;
    },
    entropies(
      tokens: TokenSequence,
      { temperature = 1 }: { readonly temperature?: number } = {},
    ): Promise<Float64Array> {
      if (!(temperature > 0)) {
        throw new TokenmarkError("bad-argument", `temperature: wanted a number above 0, got ${temperature}`);
      }
      return measure(tokens, (scores) => {
        const { logTotal, mean } = summarize(scores, temperature);
        return logTotal - mean;
      });
    },
    logProbabilities,
    async perplexity(tokens: TokenSequence): Promise<number> {
      const known = (await logProbabilities(tokens)).filter((value) => !Number.isNaN(value));
      return Math.exp(-known.reduce((sum, value) => sum + value, 0) / known.length);
    },
  });
}
