import type { TextModel, WrittenText } from "../models/text-model.ts";
import { median } from "../timing.ts";
import type { LearntScores } from "./learnt-scores.ts";
import { type Writing, writeAnswers } from "./seen-texts.ts";
import { stolenBias } from "./stolen-bias.ts";
import type { ThiefKnowledge } from "./thief-knowledge.ts";

/** Nats that a thief tries to give to a token of score 1, the weakest first. */
const STRENGTHS = [1, 1.5, 2, 3, 4] as const;
/** Perplexity over the median of unmarked text that he takes for safe: somewhat below what counts as a success. */
const SAFE_RATIO = 1.4;

/** Perplexity of a text by itself under a model that can be read. */
export type Perplexity = (text: string) => Promise<number>;

/** Makes a {@link Perplexity} of a model with a reader. */
export function perplexityUnder(model: TextModel): Perplexity {
  return (text) => model.reader!.perplexity(model.tokenizer.encode(text));
}

/** Median perplexity of some texts. */
export async function medianPerplexity(texts: readonly WrittenText[], perplexity: Perplexity): Promise<number> {
  const values: number[] = [];
  for (const { text } of texts) values.push(await perplexity(text));
  return median(values);
}

/** What a forger works with; nothing of it needs the key. */
export interface Forger {
  readonly model: TextModel;
  readonly knowledge: ThiefKnowledge;
  readonly scores: LearntScores;
  /** The thief's own measure of quality. */
  readonly perplexity: Perplexity;
  /** Median perplexity of unmarked text under that measure. */
  readonly unmarked: number;
}

/**
 * Writes `count` forgeries with the unmarked model and the learnt scores on its logits. Each is tried at several strengths, and the strongest
 * that still reads well is kept; where none does, the one that reads best. The thief goes by perplexity alone: without the key he cannot know
 * whether a forgery passes. One strength for all texts would do worse, since texts of a prompt differ in perplexity by more than strengths do.
 */
export async function forge(forger: Forger, count: number, writing: Writing): Promise<readonly WrittenText[]> {
  const { model, knowledge, scores, perplexity, unmarked } = forger;
  const kept: { readonly text: WrittenText; readonly perplexity: number }[] = [];
  for (const strength of STRENGTHS) {
    const seed = `${writing.seed}/${strength}`;
    const texts = await writeAnswers(model, stolenBias(scores, knowledge, strength), count, { ...writing, seed });
    for (const [i, text] of texts.entries()) {
      const own = await perplexity(text.text);
      const rival = kept[i];
      if (rival === undefined || own <= SAFE_RATIO * unmarked || own < rival.perplexity) {
        kept[i] = { text, perplexity: own };
      }
    }
  }
  return kept.map(({ text }) => text);
}
