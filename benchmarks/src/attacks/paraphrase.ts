import { TokenmarkError } from "@tokenmark/core";
import type { Attack, AttackedText, AttackResources } from "./attack.ts";
import { checkStrength } from "./check-strength.ts";
import { drawIndices, shareOf } from "./draws.ts";
import { joinSentences, splitSentences } from "./sentences.ts";

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
  async tool({ paraphraser }: Pick<AttackResources, "paraphraser">): Promise<string | null> {
    return paraphraser?.name ?? null;
  },
  async apply(
    texts: readonly AttackedText[],
    strength: number,
    { paraphraser }: AttackResources,
  ): Promise<readonly string[]> {
    checkStrength("paraphrase", strength);
    const cut = texts.map(({ text }) => splitSentences(text));
    const passages = cut.flatMap(({ sentences }, row): Passage[] => {
      const all: Passage[] = [];
      for (let from = 0; from < sentences.length; from += PASSAGE) {
        const to = Math.min(sentences.length, from + PASSAGE);
        if (sentences.slice(from, to).some((sentence) => /\p{L}/u.test(sentence))) all.push({ row, from, to });
      }
      return drawIndices(all.length, shareOf(strength, all.length), texts[row]!.random).map((k) => all[k]!);
    });
    if (passages.length === 0) return texts.map(({ text }) => text);
    if (paraphraser === null) throw new TokenmarkError("bad-argument", "paraphraser: wanted one, got none");
    const given = passages.map(({ row, from, to }) => {
      const { sentences, gaps } = cut[row]!;
      return joinSentences({ sentences: sentences.slice(from, to), gaps: ["", ...gaps.slice(from + 1, to), ""] });
    });
    const seeds = passages.map(({ row }) => String(texts[row]!.random()));
    const rewritten = await paraphraser.rewrite(given, seeds);
    const anew = cut.map(({ sentences, gaps }) => ({ sentences: [...sentences], gaps: [...gaps] }));
    passages.forEach(({ row, from, to }, i) => {
      const { sentences, gaps } = anew[row]!;
      sentences.fill("", from, to);
      gaps.fill("", from + 1, to);
      sentences[from] = rewritten[i]!.trim();
    });
    return anew.map(joinSentences);
  },
});
