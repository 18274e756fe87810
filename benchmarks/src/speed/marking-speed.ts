import type { Key } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { markingCases, syntheticLogits } from "./cases.ts";
import { timeRow } from "./row-timing.ts";

/** One scheme at one width of logits. */
export interface MarkingRow {
  readonly kind: "dense" | "top-k";
  readonly candidates: number;
  readonly scheme: string;
  readonly milliseconds: number;
  /** Against an unmarked softmax and draw over the same logits. */
  readonly ratioToPlainDraw: number;
}

/** What every decode step pays without a mark: softmax over the row and one draw. */
function plainDraw(logits: Float32Array, random: () => number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > max) max = logits[i]!;
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(logits[i]! - max);
  let rest = random() * total;
  for (let i = 0; i < logits.length; i++) {
    rest -= Math.exp(logits[i]! - max);
    if (rest < 0) return i;
  }
  return logits.length - 1;
}

/** Milliseconds a call of `scheme.process`, over whole vocabularies and over the survivors of top-k. */
export function measureMarking(
  key: Key,
  options: { readonly dense: readonly number[]; readonly topK: readonly number[]; readonly runs: number },
): MarkingRow[] {
  const rows: MarkingRow[] = [];
  const random = seedrandom("marking-speed");
  const context = Int32Array.of(3, 1, 4, 1);
  const measure = (kind: MarkingRow["kind"], size: number, repeat: number): void => {
    const base = syntheticLogits(size, `${kind}/${size}`);
    const logits = base.slice();
    const candidates = kind === "dense" ? undefined : Int32Array.from({ length: size }, (_, i) => (i * 7919) % 151_936);
    const time = (work: () => void): number => timeRow(work, () => logits.set(base), repeat, options.runs);
    const plain = time(() => void plainDraw(logits, random));
    for (const { name, scheme } of markingCases(key)) {
      const call = candidates === undefined ? { random } : { random, candidates };
      const milliseconds = time(() => {
        context[0] = (context[0]! + 1) & 0xffff;
        scheme.process(logits, context, call);
      });
      rows.push({ kind, candidates: size, scheme: name, milliseconds, ratioToPlainDraw: milliseconds / plain });
    }
  };
  for (const size of options.dense) measure("dense", size, 1);
  for (const size of options.topK) measure("top-k", size, 500);
  return rows;
}
