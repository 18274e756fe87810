import seedrandom from "seedrandom";
import { drawIndices, drawSome, shareOf } from "../attacks/draws.ts";
import { splitSentences } from "../attacks/sentences.ts";
import type { TextModel, WriteRequest } from "../models/text-model.ts";
import { extendPrompts } from "../survival/extend-prompts.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import type { StoredText } from "../survival/written-texts.ts";
import type { AnswerSettings } from "./bench.ts";

const LEAST_WORDS = 3;
const MOST_WORDS = 7;

/**
 * What a copier asks: openings of sentences of a text, each once, and when those run out openings that the model writes itself behind them.
 */
export async function makePrompts(
  model: TextModel,
  humanText: string,
  count: number,
  seed: string,
): Promise<readonly string[]> {
  const random = seedrandom(`${seed}/prompts`);
  const sentences = splitSentences(humanText)
    .sentences.map((sentence) => sentence.split(/\s+/))
    .filter((words) => words.length > MOST_WORDS);
  const distinct = [
    ...new Set(
      sentences.map((words) =>
        words.slice(0, LEAST_WORDS + Math.floor(random() * (MOST_WORDS - LEAST_WORDS + 1))).join(" "),
      ),
    ),
  ];
  const openings = drawSome(distinct, distinct.length, random);
  return extendPrompts(model, openings, count, seed);
}

/** The teacher's answers to prompts, under one key (null: unmarked). */
export async function askTeacher(
  model: TextModel,
  maker: SchemeMaker | null,
  keyName: string,
  prompts: readonly string[],
  settings: AnswerSettings,
): Promise<readonly StoredText[]> {
  const scheme = maker?.create(keyName) ?? null;
  const requests = prompts.map((prompt, i): WriteRequest => ({ prompt, scheme, seed: `${settings.seed}/answer/${i}` }));
  const written = await model.write(requests, {
    temperature: settings.temperature,
    topK: 0,
    topP: 1,
    maxTokens: settings.tokens,
  });
  return written.map(({ tokens, promptTokens }, i) => ({
    prompt: prompts[i]!,
    promptTokens: [...promptTokens],
    tokens: [...tokens],
  }));
}

/** A training set: which prompts got a marked answer, and all answers. */
export interface TrainingSet {
  readonly rows: readonly StoredText[];
  /** Indices of the rows that are marked. */
  readonly marked: readonly number[];
}

/** Mixes marked and unmarked answers to the same prompts; which are marked is drawn from the seed. */
export function mixAnswers(
  marked: readonly StoredText[],
  unmarked: readonly StoredText[],
  share: number,
  seed: string,
): TrainingSet {
  const random = seedrandom(`${seed}/mix`);
  const chosen = [...drawIndices(unmarked.length, shareOf(share, unmarked.length), random)].sort((a, b) => a - b);
  const isMarked = new Set(chosen);
  return { rows: unmarked.map((row, i) => (isMarked.has(i) ? marked[i]! : row)), marked: chosen };
}
