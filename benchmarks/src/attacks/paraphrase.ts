import { TokenmarkError } from "@tokenmark/core";
import type { Attack, AttackedText, AttackResources } from "./attack.ts";
import { checkStrength } from "./check-strength.ts";
import { chooseSome } from "./choose-some.ts";
import { joinParts, sentenceParts } from "./sentence-parts.ts";

/** Sentences that are rewritten together: enough for a model to see what they say. */
const PASSAGE = 3;

interface Passage {
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

/** Lets a model that follows instructions rewrite passages in other words. */
export const paraphrase: Attack = Object.freeze({
  name: "paraphrase",
  summary: "lets a language model that follows instructions rewrite passages in other words",
  strengthMeans: "passages of three sentences rewritten",
  async missing({ paraphraser }: AttackResources): Promise<string | null> {
    return paraphraser === null
      ? "no paraphraser is named; give one with --paraphraser MODEL (text2text or instruction model) or --paraphraser-url ADDRESS (OpenAI-shaped endpoint)"
      : null;
  },
  async apply(
    texts: readonly AttackedText[],
    strength: number,
    { paraphraser }: AttackResources,
  ): Promise<readonly string[]> {
    checkStrength("paraphrase", strength);
    const parts = texts.map(({ text }) => sentenceParts(text));
    const passages = parts.flatMap((sentences, row): Passage[] => {
      const all: Passage[] = [];
      for (let from = 0; from < sentences.length; from += PASSAGE) {
        const to = Math.min(sentences.length, from + PASSAGE);
        if (sentences.slice(from, to).some(({ sentence }) => /\p{L}/u.test(sentence))) all.push({ row, from, to });
      }
      const some = chooseSome(all.length, strength, texts[row]!.random);
      return all.filter((_, i) => some.has(i));
    });
    if (passages.length === 0) return texts.map(({ text }) => text);
    if (paraphraser === null) throw new TokenmarkError("bad-argument", "paraphraser: wanted one, got none");
    const given = passages.map(({ row, from, to }) => joinParts(parts[row]!.slice(from, to)).trimEnd());
    const seeds = passages.map(({ row }) => String(texts[row]!.random()));
    const rewritten = await paraphraser.rewrite(given, seeds);
    passages.forEach(({ row, from, to }, i) => {
      const sentences = parts[row]!;
      const { gap } = sentences[to - 1]!;
      for (let at = from; at < to; at++) sentences[at] = { sentence: "", gap: "" };
      sentences[from] = { sentence: rewritten[i]!.trim(), gap };
    });
    return parts.map(joinParts);
  },
});
