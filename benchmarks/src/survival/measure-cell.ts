import type { TokenSequence } from "@tokenmark/core";
import { detectTokens } from "@tokenmark/detector";
import seedrandom from "seedrandom";
import type { Attack, AttackedText, AttackResources } from "../attacks/attack.ts";
import { measureChange } from "../attacks/change.ts";
import type { TextModel } from "../models/text-model.ts";
import { type CellId, FALSE_POSITIVE_RATES, type MeasuredCell, type TailCounts } from "./results.ts";
import type { SchemeMaker } from "./scheme-maker.ts";
import { type StoredText, textKey } from "./written-texts.ts";

/** Texts cut to a cell's length, as they were written and after its attack. */
export interface AttackedTexts {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Cuts texts to `length` tokens and attacks them. `whose` is the label of who wrote them: it separates the draws. */
export async function attackTexts(
  texts: readonly StoredText[],
  cell: CellId,
  whose: string,
  attack: Attack | null,
  model: TextModel,
  resources: AttackResources,
): Promise<AttackedTexts> {
  const { length, strength, seed } = cell;
  const before = texts.map(({ tokens }) => model.tokenizer.decode(tokens.slice(0, length)));
  if (attack === null) return { before, after: before };
  const given = texts.map(
    ({ prompt }, i): AttackedText => ({
      text: before[i]!,
      prompt,
      random: seedrandom(`${seed}/${cell.attack}/${strength}/${length}/${whose}/${i}`),
    }),
  );
  return { before, after: await attack.apply(given, strength, resources) };
}

function count(log10PValues: readonly number[]): TailCounts {
  return {
    tests: log10PValues.length,
    atOrBelow: FALSE_POSITIVE_RATES.map((rate) => log10PValues.filter((p) => p <= Math.log10(rate)).length),
  };
}

/**
 * Tests a cell's marked texts with their keys, and as controls the same texts with wrong keys and unmarked texts after the same attack.
 * Every test is of the characters, tokenised anew, without the prompt: what an auditor has.
 */
export function measureCell(
  cell: CellId,
  maker: SchemeMaker,
  marked: AttackedTexts,
  unmarked: AttackedTexts,
  model: TextModel,
  controlKeys: number,
): MeasuredCell {
  const { tokenizer } = model;
  const place = `${cell.attack}/${cell.strength}/${cell.length}`;
  const markedIds = marked.after.map((text): TokenSequence => tokenizer.encode(text));
  const unmarkedIds = unmarked.after.map((text): TokenSequence => tokenizer.encode(text));
  const detections = markedIds.map((ids, i) => detectTokens(maker.create(textKey(cell.seed, i)), ids));
  const controls = (kind: string, texts: readonly TokenSequence[]): number[] =>
    texts.flatMap((ids, i) =>
      Array.from(
        { length: controlKeys },
        (_, k) => detectTokens(maker.create(`${cell.seed}/${kind}/${place}/${i}/${k}`), ids).log10PValue,
      ),
    );
  const nulls = controls("unmarked", unmarkedIds);
  return {
    ...cell,
    status: "measured",
    log10PValues: detections.map(({ log10PValue }) => log10PValue),
    tokensScored: detections.map(({ tokensScored }) => tokensScored),
    nullLog10PValues: unmarkedIds.map((_, i) => nulls[i * controlKeys]!),
    change: measureChange(marked.before, marked.after, tokenizer),
    unmarked: count(nulls),
    wrongKey: count(controls("wrong-key", markedIds)),
  };
}
