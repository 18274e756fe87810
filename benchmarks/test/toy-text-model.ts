import type { TextTokenizer, TokenId, TokenSequence } from "@tokenmark/core";
import { createToySource, type ToySourceOptions, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import type { TextModel } from "../src/models/text-model.ts";

/** Each token is a word. */
const tokenizer: TextTokenizer = {
  encode: (text) => (text.match(/\d+/g) ?? []).map(Number),
  decode: (tokens) => Array.from(tokens, (token) => `w${token}`).join(" "),
};

/** A toy language as a model to write and measure with; its prompts are words such as "w12". */
export function createToyTextModel(options: ToySourceOptions): TextModel {
  const source = createToySource(options);

  function logLaw(tokens: TokenSequence): Float64Array {
    const logits = source.logitsAfter(tokens);
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    return Float64Array.from(logits, (logit) => logit - Math.log(total));
  }

  function along(tokens: TokenSequence, of: (law: Float64Array, token: TokenId) => number): Float64Array {
    const all = Array.from(tokens);
    return Float64Array.from(all, (token, i) => (i === 0 ? Number.NaN : of(logLaw(all.slice(0, i)), token)));
  }

  const logProbabilities = async (tokens: TokenSequence): Promise<Float64Array> =>
    along(tokens, (law, token) => law[token]!);
  return {
    name: source.name,
    tokenizer,
    identity: { name: source.name, vocabularySize: options.vocabularySize ?? 1024, sha256: "0".repeat(64) },
    source,
    contextLength: null,
    reader: {
      async *read(tokens) {
        for (let i = 1; i <= tokens.length; i++) yield source.logitsAfter(Array.from(tokens).slice(0, i));
      },
      entropies: async (tokens) => along(tokens, (law) => -law.reduce((sum, ln) => sum + Math.exp(ln) * ln, 0)),
      logProbabilities,
      async perplexity(tokens) {
        const known = (await logProbabilities(tokens)).slice(1);
        return Math.exp(-known.reduce((sum, value) => sum + value, 0) / known.length);
      },
    },
    async write(requests, { maxTokens, ...settings }) {
      return requests.map(({ prompt, scheme, seed }) => {
        const promptTokens = Array.from(tokenizer.encode(prompt));
        const random = seedrandom(seed);
        const mark = scheme === null ? {} : { scheme };
        const tokens = Array.from(
          writeToyText(source, { ...settings, ...mark, random, length: maxTokens, prompt: promptTokens }),
        );
        return { text: tokenizer.decode(tokens), tokens, promptTokens };
      });
    },
    async dispose() {},
  };
}
