import { generate, type LogitSource, type SourceCall, type TokenId, type TokenSequence } from "@tokenmark/core";
import seedrandom from "seedrandom";
import type { Transcript } from "./transcript.ts";

/** Options of {@link askAnswers}. */
export interface AskAnswersOptions extends SourceCall {
  /** Most tokens of an answer, at least 1. */
  readonly maxTokens: number;
  /** @defaultValue 1 */
  readonly temperature?: number;
  /** Repeats the answers exactly, given the same scores. */
  readonly seed: string;
  /** Ids that end an answer. @defaultValue none */
  readonly stopTokens?: readonly TokenId[];
}

/**
 * Has a student write answers through any source of scores, unmarked, for closed mode.
 *
 * @throws TokenmarkError what core's `generate` throws.
 */
export async function askAnswers(
  student: LogitSource,
  prompts: readonly TokenSequence[],
  options: AskAnswersOptions,
): Promise<Transcript[]> {
  const { maxTokens, temperature = 1, seed, stopTokens = [], signal } = options;
  const answers: Transcript[] = [];
  for (const [i, prompt] of prompts.entries()) {
    const tokens: TokenId[] = [];
    const random = seedrandom(`${seed}/${i}`);
    const steps = generate(student, prompt, {
      maxTokens,
      stopTokens,
      random,
      ...(temperature === 0 ? { greedy: true } : { temperature }),
      ...(signal === undefined ? {} : { signal }),
    });
    for await (const { token } of steps) tokens.push(token);
    answers.push({ prompt, tokens });
  }
  return answers;
}
