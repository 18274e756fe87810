import type { MeanWithInterval, QualityRow, SurvivalResults } from "../survival/results.ts";
import { groupBy } from "./group-by.ts";
import { type Estimate, estimateDifference } from "./proportion-difference.ts";
import { type Share, wilsonShare } from "./share.ts";

/** What the mark costs the text, all seeds of a model and scheme pooled. */
export interface PooledQuality {
  readonly model: string;
  readonly scheme: string;
  readonly seeds: readonly string[];
  readonly texts: number;
  readonly ownPerplexity: MeanWithInterval | null;
  readonly judgeBitsPerByte: MeanWithInterval | null;
  readonly judgePerplexity: MeanWithInterval | null;
  readonly distinct: readonly MeanWithInterval[];
  readonly selfBleu: MeanWithInterval;
  readonly loopRate: Share;
}

/**
 * Quality by model and scheme. Seeds are averaged by their number of texts (perplexities geometrically, for they are exponentials of
 * means), and as they are independent, distances to the bounds are added in squares.
 */
export function pooledQuality({ quality }: Pick<SurvivalResults, "quality">): readonly PooledQuality[] {
  return groupBy(quality, ({ model, scheme }) => JSON.stringify([model, scheme])).map((rows) => {
    const { model, scheme, distinct } = rows[0]!;
    return Object.freeze({
      model,
      scheme,
      seeds: rows.map(({ seed }) => seed),
      texts: rows.reduce((sum, { texts }) => sum + texts, 0),
      ownPerplexity: geometric(rows, ({ ownPerplexity }) => ownPerplexity),
      judgeBitsPerByte: arithmetic(rows, ({ judgeBitsPerByte }) => judgeBitsPerByte),
      judgePerplexity: geometric(rows, ({ judgePerplexity }) => judgePerplexity),
      distinct: distinct.map((_, n) => arithmetic(rows, (row) => row.distinct[n] ?? null)!),
      selfBleu: arithmetic(rows, ({ selfBleu }) => selfBleu)!,
      loopRate: wilsonShare(
        rows.reduce((sum, { loopRate }) => sum + loopRate.count, 0),
        rows.reduce((sum, { loopRate }) => sum + loopRate.texts, 0),
      ),
    });
  });
}

/** How much worse than unmarked text, under which measure. */
export interface RelativeQuality extends Estimate {
  readonly measure: "judge bits per byte" | "own perplexity";
}

/**
 * Ratio to unmarked text minus 1, so that 0 is no loss and .1 a tenth more: of the judge's bits a byte where there is a judge, else of
 * the model's own perplexity; null without either. The interval treats both texts as independent, which is too wide where they share
 * prompts.
 */
export function relativeQuality(marked: PooledQuality, unmarked: PooledQuality): RelativeQuality | null {
  const measures = [
    ["judge bits per byte", marked.judgeBitsPerByte, unmarked.judgeBitsPerByte],
    ["own perplexity", marked.ownPerplexity, unmarked.ownPerplexity],
  ] as const;
  for (const [measure, first, second] of measures) {
    if (first === null || second === null) continue;
    const { difference, lower, upper } = estimateDifference(logarithm(first), logarithm(second));
    return Object.freeze({
      measure,
      value: Math.expm1(difference),
      lower: Math.expm1(lower),
      upper: Math.expm1(upper),
    });
  }
  return null;
}

function logarithm({ mean, lower, upper }: MeanWithInterval): Estimate {
  return { value: Math.log(mean), lower: Math.log(lower), upper: Math.log(upper) };
}

function arithmetic(
  rows: readonly QualityRow[],
  pick: (row: QualityRow) => MeanWithInterval | null,
): MeanWithInterval | null {
  const known = rows.flatMap((row) => {
    const figure = pick(row);
    return figure === null ? [] : [{ figure, texts: row.texts }];
  });
  if (known.length === 0) return null;
  const total = known.reduce((sum, { texts }) => sum + texts, 0);
  const mean = known.reduce((sum, { figure, texts }) => sum + (texts / total) * figure.mean, 0);
  const reach = (bound: "lower" | "upper"): number =>
    Math.hypot(...known.map(({ figure, texts }) => (texts / total) * (figure.mean - figure[bound])));
  return Object.freeze({ mean, lower: mean - reach("lower"), upper: mean + reach("upper") });
}

function geometric(
  rows: readonly QualityRow[],
  pick: (row: QualityRow) => MeanWithInterval | null,
): MeanWithInterval | null {
  const logs = arithmetic(rows, (row) => {
    const figure = pick(row);
    if (figure === null) return null;
    const { value, lower, upper } = logarithm(figure);
    return { mean: value, lower, upper };
  });
  if (logs === null) return null;
  return Object.freeze({ mean: Math.exp(logs.mean), lower: Math.exp(logs.lower), upper: Math.exp(logs.upper) });
}
