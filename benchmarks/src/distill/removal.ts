import type { LogitReader, TextTokenizer } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { learnPreferences } from "../adversaries/preferences.ts";
import type { Attack, AttackResources } from "../attacks/attack.ts";
import type { TextModel } from "../models/text-model.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import type { StoredText } from "../survival/written-texts.ts";

/** What a copier does to be rid of the mark, by name. */
export const removalNames = ["none", "round-trip-es", "resample", "mixed-keys", "clean-tuning", "neutralise"] as const;
export type RemovalName = (typeof removalNames)[number];

/** In words, for the report. */
export const REMOVALS: Readonly<Record<RemovalName, string>> = Object.freeze({
  none: "trained on the marked answers as they came",
  "round-trip-es": "answers translated into Spanish and back before training",
  resample: "half of the answers' words written anew by the teacher without its mark before training",
  "mixed-keys": "a quarter of the answers under the audited key, the others under three more",
  "clean-tuning": "trained on as many unmarked answers afterwards",
  neutralise: "learnt preferences subtracted when the student decodes",
});

/** Attacks every answer of a training set and encodes it anew. */
export async function attackRows(
  rows: readonly StoredText[],
  attack: Attack,
  strength: number,
  resources: AttackResources,
  tokenizer: TextTokenizer,
  seed: string,
): Promise<readonly StoredText[]> {
  const given = rows.map(({ prompt, tokens }, i) => ({
    text: tokenizer.decode(tokens),
    prompt,
    random: seedrandom(`${seed}/${attack.name}/${i}`),
  }));
  const attacked = await attack.apply(given, strength, resources);
  return rows.map((row, i) => ({ ...row, tokens: Array.from(tokenizer.encode(attacked[i]!)) }));
}

/**
 * Watermark neutralisation at decoding (after Pan et al. 2025): the copier knows the scheme and not the key, compares the marked answers with what
 * its own clean model expects, and subtracts what the mark seems to prefer from the student's scores.
 */
export async function neutralised(
  student: LogitReader,
  answers: readonly StoredText[],
  clean: TextModel,
  maker: SchemeMaker,
  temperature: number,
): Promise<LogitReader> {
  const { width } = maker.create("facts").context;
  const learnt = await learnPreferences(answers, clean.reader!, width, temperature);
  return {
    async *read(tokens) {
      let i = 0;
      for await (const scores of student.read(tokens)) {
        i++;
        const before = Array.prototype.slice.call(tokens, Math.max(0, i - Math.max(1, width)), i) as number[];
        const logits = scores.slice();
        learnt.add(logits, before, -1);
        yield logits;
      }
    },
  };
}
