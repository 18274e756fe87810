import type { TextTokenizer } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { washTexts } from "../adversaries/wash.ts";
import type { Attack, AttackResources } from "../attacks/attack.ts";
import type { TextModel } from "../models/text-model.ts";
import type { StoredText } from "../survival/written-texts.ts";
import type { LearntBias } from "./neutralise.ts";

/** What a copier does to be rid of the mark, by name. */
export const removalNames = [
  "none",
  "round-trip-es",
  "resample",
  "targeted",
  "mixed-keys",
  "second-teacher",
  "other-text",
  "clean-tuning",
  "second-generation",
  "neutralise",
] as const;
export type RemovalName = (typeof removalNames)[number];

/** In words, for the report. */
export const REMOVALS: Readonly<Record<RemovalName, string>> = Object.freeze({
  none: "trained on the marked answers as they came",
  "round-trip-es": "answers translated into Spanish and back before training",
  resample: "half of the answers' words written anew by the teacher without its mark before training",
  targeted:
    "tokens that the mark seems to prefer, as far as the answers show it, drawn anew by the unmarked teacher before training",
  "mixed-keys": "a quarter of the answers under the audited key, the others under three more",
  "second-teacher": "half of the answers from another model without a mark",
  "other-text": "as many tokens of text by people mixed in",
  "clean-tuning": "trained on as many unmarked answers afterwards",
  "second-generation":
    "another student trained on the first one's own answers to the same prompts, and sold in its place",
  neutralise: "what the mark seems to prefer subtracted from the student's scores when it decodes, by so many nats",
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
  return encodeRows(rows, attacked, tokenizer);
}

/** Paraphrase that is aimed: only what looks marked is written anew. */
export async function washRows(
  rows: readonly StoredText[],
  { scores }: LearntBias,
  teacher: TextModel,
  temperature: number,
  seed: string,
): Promise<readonly StoredText[]> {
  const texts = rows.map((row) => ({ ...row, text: teacher.tokenizer.decode(row.tokens) }));
  const randoms = rows.map((_, i) => seedrandom(`${seed}/targeted/${i}`));
  const washed = await washTexts(teacher, texts, scores, { temperature, topK: 0, topP: 1 }, randoms);
  return encodeRows(rows, washed, teacher.tokenizer);
}

/** Text by people in pieces as long as answers, as many as there are answers while the text lasts. */
export function humanRows(humanText: string, rows: readonly StoredText[], tokenizer: TextTokenizer): StoredText[] {
  const ids = Array.from(tokenizer.encode(humanText));
  const length = Math.max(...rows.map(({ tokens }) => tokens.length));
  const pieces = Math.min(rows.length, Math.floor(ids.length / length));
  return Array.from({ length: pieces }, (_, i) => ({
    prompt: "",
    promptTokens: [],
    tokens: ids.slice(i * length, (i + 1) * length),
  }));
}

/** The same rows with other texts. */
export function encodeRows(
  rows: readonly StoredText[],
  texts: readonly string[],
  tokenizer: TextTokenizer,
): readonly StoredText[] {
  return rows.map((row, i) => ({ ...row, tokens: Array.from(tokenizer.encode(texts[i]!)) }));
}
