import type { ExportedModel } from "./exported-model.ts";
import { repetitionRate } from "./repetition-rate.ts";
import { rowFigures } from "./row-figures.ts";

/** How often a model repeats itself, next to people. */
export interface SampleFigures {
  /** Mean share of four-token runs that occurred before in the same passage, in the model's continuations at T = 1. */
  readonly repetition: number;
  /** The same in passages of the human text, of the same number of tokens. */
  readonly humanRepetition: number;
  /** Mean entropy of the next-token distribution along those continuations, bits per token. */
  readonly entropyBits: number;
  readonly passages: number;
  readonly tokensEach: number;
  /** Every eighth continuation, as it came. */
  readonly samples: readonly { readonly prompt: string; readonly continuation: string }[];
}

const PASSAGES = 64;
const BATCH = 16;
const PROMPT_WORDS = 6;
const TOKENS_EACH = 200;
const SHOW_EVERY = 8;

/** Continues the openings of paragraphs of `text` and compares repetition with the text itself. */
export async function measureSamples(model: ExportedModel, text: string, random: () => number): Promise<SampleFigures> {
  const paragraphs = text.split("\n").filter((paragraph) => paragraph.split(" ").length >= 2 * PROMPT_WORDS);
  const every = Math.max(1, Math.floor(paragraphs.length / PASSAGES));
  const prompts = paragraphs
    .filter((_, i) => i % every === 0)
    .slice(0, PASSAGES)
    .map((paragraph) => paragraph.split(" ").slice(0, PROMPT_WORDS).join(" "));
  const written: number[][] = [];
  for (let at = 0; at < prompts.length; at += BATCH) {
    written.push(...(await model.sample(prompts.slice(at, at + BATCH), TOKENS_EACH, random)));
  }
  const human = (model.tokenizer.encode(text) as number[]).map(Number);
  const humanPassages = Array.from({ length: Math.floor(human.length / TOKENS_EACH) }, (_, i) =>
    human.slice(i * TOKENS_EACH, (i + 1) * TOKENS_EACH),
  );
  const mean = (passages: readonly number[][]): number =>
    passages.reduce((sum, ids) => sum + repetitionRate(ids), 0) / passages.length;
  return {
    repetition: mean(written),
    humanRepetition: mean(humanPassages),
    entropyBits: await meanEntropyBits(model, prompts, written),
    passages: written.length,
    tokensEach: TOKENS_EACH,
    samples: written
      .map((ids, i) => ({ ids, prompt: prompts[i]! }))
      .filter((_, i) => i % SHOW_EVERY === 0)
      .map(({ ids, prompt }) => ({
        prompt,
        continuation: model.tokenizer.decode(ids, { skip_special_tokens: true }),
      })),
  };
}

async function meanEntropyBits(
  model: ExportedModel,
  prompts: readonly string[],
  written: readonly (readonly number[])[],
): Promise<number> {
  let nats = 0;
  for (const [i, continuation] of written.entries()) {
    const prompt = (model.tokenizer.encode(prompts[i]!) as number[]).map(Number);
    const { data, vocabSize } = await model.logits([...prompt, ...continuation]);
    for (const [j, target] of continuation.entries()) {
      const at = prompt.length + j - 1;
      nats += rowFigures(data.subarray(at * vocabSize, (at + 1) * vocabSize), target).entropy;
    }
  }
  return nats / Math.LN2 / (written.length * TOKENS_EACH);
}
