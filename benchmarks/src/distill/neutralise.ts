import type { LogitReader, TokenId } from "@tokenmark/core";
import { expectedByLaw } from "../adversaries/expected-counts.ts";
import { type LearntScores, learnScores } from "../adversaries/learnt-scores.ts";
import { type ThiefKnowledge, thiefKnowledge } from "../adversaries/thief-knowledge.ts";
import type { TextModel } from "../models/text-model.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import type { StoredText } from "../survival/written-texts.ts";

/** What a copier learnt of a mark through contexts of one width. */
export interface LearntBias {
  readonly knowledge: ThiefKnowledge;
  readonly scores: LearntScores;
}

/**
 * Learns what marks prefer from marked answers and the unmarked teacher's own law: the strongest copier short of one with the key. It knows every
 * width in use, not which answer has which.
 */
export async function learnBias(
  answers: readonly StoredText[],
  makers: readonly SchemeMaker[],
  teacher: TextModel,
  temperature: number,
): Promise<readonly LearntBias[]> {
  const expected = await expectedByLaw(teacher, answers, { temperature, topK: 0, topP: 1 });
  const kinds = new Map<string, ThiefKnowledge>();
  for (const maker of makers) {
    const knowledge = thiefKnowledge(maker.create("facts"), maker.config);
    kinds.set(JSON.stringify(knowledge), knowledge);
  }
  return [...kinds.values()].map((knowledge) => ({ knowledge, scores: learnScores(answers, knowledge, expected) }));
}

/**
 * Watermark neutralisation at decoding (after Pan et al. 2025): what the mark seems to prefer is subtracted from the student's scores.
 *
 * @param strength - nats that a token of learnt score 1 loses.
 */
export function neutralised(student: LogitReader, learnt: readonly LearntBias[], strength: number): LogitReader {
  return {
    async *read(tokens) {
      let i = 0;
      for await (const scores of student.read(tokens)) {
        i++;
        const logits = scores.slice();
        for (const { knowledge, scores: learntScores } of learnt) {
          const before = Array.prototype.slice.call(tokens, Math.max(0, i - knowledge.width), i) as TokenId[];
          learntScores.bias(logits, before, -strength);
        }
        yield logits;
      }
    },
  };
}
