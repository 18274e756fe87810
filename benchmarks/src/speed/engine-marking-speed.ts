import type { WatermarkScheme } from "@tokenmark/core";
import { syntheticLogits } from "./cases.ts";
import { type EngineCase, lefthashCase, synthidCase } from "./engine-cases.ts";
import { timeRow } from "./row-timing.ts";

/** One engine's mark on one step, next to the plain path of the same contract. */
export interface EngineMarkingRow {
  readonly contract: string;
  /** Dense rows, the survivors of top-k, and for green lists whether the context was met before. */
  readonly kind: "dense" | "top-k" | "new list" | "kept list";
  readonly candidates: number;
  readonly milliseconds: number;
  readonly plainMilliseconds: number;
  /** Plain over fast. */
  readonly speedup: number;
}

/** Options of {@link measureEngineMarking}. */
export interface EngineMarkingOptions {
  readonly dense: readonly number[];
  readonly topK: readonly number[];
  readonly runs: number;
  /** Runs of a plain path over a whole vocabulary, which takes tens of milliseconds. */
  readonly plainRuns: number;
}

interface RowCase {
  readonly subject: EngineCase;
  readonly kind: EngineMarkingRow["kind"];
  readonly size: number;
  readonly repeat: number;
}

/**
 * Milliseconds a call of `scheme.process`, checks of the logits included: SynthID with softmax and logarithms over whole vocabularies and
 * the survivors of top-k, in a context that is new each time; green lists, drawn and added to the logits, for new contexts
 * and for one that was met before.
 */
export function measureEngineMarking(options: EngineMarkingOptions): EngineMarkingRow[] {
  const { dense, topK, runs, plainRuns } = options;
  const cases: RowCase[] = [
    ...dense.map((size): RowCase => ({ subject: synthidCase(), kind: "dense", size, repeat: 1 })),
    ...topK.map((size): RowCase => ({ subject: synthidCase(), kind: "top-k", size, repeat: 500 })),
    ...dense.flatMap((size): RowCase[] =>
      (["new list", "kept list"] as const).map((kind) => ({ subject: lefthashCase(size), kind, size, repeat: 1 })),
    ),
  ];
  return cases.map(({ subject, kind, size, repeat }): EngineMarkingRow => {
    const base = syntheticLogits(size, `${kind}/${size}`);
    const logits = base.slice();
    const call = kind === "top-k" ? { candidates: Int32Array.from(base, (_, i) => (i * 7919) % 151_936) } : {};
    const time = (scheme: WatermarkScheme, runs: number): number => {
      const context = Int32Array.of(3, 1, 4, 1).subarray(4 - scheme.context.width);
      const last = context.length - 1;
      const step = kind === "kept list" ? 0 : 1;
      return timeRow(
        () => {
          context[last] = context[last]! + step;
          scheme.process(logits, context, call);
        },
        () => logits.set(base),
        repeat,
        runs,
      );
    };
    const milliseconds = time(subject.fast(), runs);
    const plainMilliseconds = time(subject.plain(), kind === "top-k" ? runs : plainRuns);
    return {
      contract: subject.contract,
      kind,
      candidates: size,
      milliseconds,
      plainMilliseconds,
      speedup: plainMilliseconds / milliseconds,
    };
  });
}
