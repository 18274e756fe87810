import type { LogitReader, TextTokenizer } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { expectedByLaw } from "../adversaries/expected-counts.ts";
import { learnScores } from "../adversaries/learnt-scores.ts";
import { thiefKnowledge } from "../adversaries/thief-knowledge.ts";
import type { Attack, AttackResources } from "../attacks/attack.ts";
import type { TextModel } from "../models/text-model.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import type { StoredText } from "../survival/written-texts.ts";

/** What a copier does to be rid of the mark, by name. */
export const removalNames = ["none", "round-trip-es", "resample", "mixed-keys", "clean-tuning", "neutralise"] as const;
export type RemovalName = (typeof removalNames)[number];

/** Nats that a token of learnt score 1 loses: the bias of the schemes that add one. */
const NEUTRALISED = 2;

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
  const knowledge = thiefKnowledge(maker.create("facts"), maker.config);
  const expected = await expectedByLaw(clean, answers, { temperature, topK: 0, topP: 1 });
  const learnt = learnScores(answers, knowledge, expected);
  return {
    async *read(tokens) {
      let i = 0;
      for await (const scores of student.read(tokens)) {
        i++;
        const before = Array.prototype.slice.call(tokens, Math.max(0, i - knowledge.width), i) as number[];
        const logits = scores.slice();
        learnt.bias(logits, before, -NEUTRALISED);
        yield logits;
      }
    },
  };
}
