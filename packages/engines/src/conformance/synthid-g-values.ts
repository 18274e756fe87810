import { TokenmarkError, type TokenSequence } from "@tokenmark/core";
import type { GValues } from "../contracts/synthid/g-values.ts";
import { hashIv, mainGValues } from "../contracts/synthid/main-g-values.ts";
import { tableGValues } from "../contracts/synthid/table-g-values.ts";
import type { GoldenQuestion } from "./golden.ts";
import { integerIn, numberIn } from "./markllm-question.ts";

/** g-values of more layers than a 32-bit word holds: the files write a mask as one number. */
export interface LayeredGValues extends Pick<GValues, "depth" | "load" | "word" | "contextHash" | "layerKeys"> {
  /** Masks of many tokens, 0 … n − 1 without candidates. */
  masks(candidates: TokenSequence | undefined, n: number): Float64Array;
}

const WORD = 32;
/** Doubles are exact up to so many bits. */
const MOST_LAYERS = 53;

/** The keys of a question. */
export function keysIn({ params }: GoldenQuestion): readonly bigint[] {
  const { keys } = params;
  return Array.isArray(keys) ? keys.map((key) => BigInt(key as string)) : [];
}

/** Layers 32·i to 32·i + 31 each. */
function groupsOf(question: GoldenQuestion): readonly GValues[] {
  const { params } = question;
  const keys = keysIn(question);
  if (keys.length > MOST_LAYERS) {
    throw new TokenmarkError("bad-argument", `keys: wanted at most ${MOST_LAYERS} layers, got ${keys.length}`);
  }
  const parts = Array.from({ length: Math.max(1, Math.ceil(keys.length / WORD)) }, (_, i) =>
    keys.slice(WORD * i, WORD * (i + 1)),
  );
  if (question.source === "main") return parts.map((part) => mainGValues(part, hashIv(keys)));
  const tableSize = numberIn(params, "samplingTableSize", 65_536);
  const tableSeed = integerIn(params, "samplingTableSeed", "0");
  return parts.map((part) => tableGValues({ keys: part, tableSize, tableSeed }));
}

/** The g-values that a question means: main's where it says so, a table's otherwise. */
export function gValuesOf(question: GoldenQuestion): LayeredGValues {
  const groups = groupsOf(question);
  const word = (token: number): number =>
    groups.reduce((mask, group, i) => mask + (group.word(token) >>> 0) * 2 ** (WORD * i), 0);
  return {
    depth: keysIn(question).length,
    load(tokens, from, count) {
      for (const group of groups) group.load(tokens, from, count);
    },
    word,
    masks: (candidates, n) => Float64Array.from({ length: n }, (_, i) => word(candidates?.[i] ?? i)),
    contextHash: (into) => groups[0]!.contextHash(into),
    layerKeys: (token) => groups.flatMap((group) => group.layerKeys(token)),
  };
}
