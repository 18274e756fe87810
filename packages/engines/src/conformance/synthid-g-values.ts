import type { GValues } from "../contracts/synthid/g-values.ts";
import { mainGValues } from "../contracts/synthid/main-g-values.ts";
import { tableGValues } from "../contracts/synthid/table-g-values.ts";
import type { GoldenQuestion } from "./golden.ts";
import { integerIn, numberIn } from "./markllm-question.ts";

/** The keys of a question. */
export function keysIn({ params }: GoldenQuestion): readonly bigint[] {
  const { keys } = params;
  return Array.isArray(keys) ? keys.map((key) => BigInt(key as string)) : [];
}

/** The g-values that a question means: main's where it says so, a table's otherwise. */
export function gValuesOf(question: GoldenQuestion): GValues {
  const { params } = question;
  const keys = keysIn(question);
  if (question.source === "main") return mainGValues(keys);
  const tableSize = numberIn(params, "samplingTableSize", 65_536);
  return tableGValues({ keys, tableSize, tableSeed: integerIn(params, "samplingTableSeed", "0") });
}
