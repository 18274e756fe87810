import { meanText, shareText, signed } from "./figure-text.ts";
import { pooledQuality, relativeQuality } from "./pooled-quality.ts";
import { figureOf, heading, type ReportBlock, tableOr } from "./report-block.ts";
import { markingSchemes } from "./report-scope.ts";
import type { ModelScope } from "./survival-section.ts";

/** What the marks cost the text. */
export function qualitySection({ results, model, drawn }: ModelScope): readonly ReportBlock[] {
  const marking = new Set(markingSchemes(results).map(({ label }) => label));
  const rows = pooledQuality(results).filter((row) => row.model === model);
  const plain = rows.find(({ scheme }) => !marking.has(scheme));
  return [
    heading(3, "Quality"),
    tableOr(
      {
        caption:
          "Means over texts with 95 % intervals. Perplexity and bits a byte: lower is more usual text. Distinct n-grams: higher is more varied. Self-BLEU of several answers to one prompt under one key: lower is more varied. Relative to unmarked text: the judge's bits a byte where there is a judge, else the model's own perplexity",
        head: [
          "scheme",
          "texts",
          "own perplexity",
          "judge bits a byte",
          "judge perplexity",
          "distinct 1-, 2-, 3-grams",
          "self-BLEU",
          "loops",
          "relative to unmarked",
        ],
        rows: rows.map((row) => {
          const relative = plain === undefined || row === plain ? null : relativeQuality(row, plain);
          const percent = (value: number): string => `${signed(100 * value, 1)} %`;
          return [
            row.scheme,
            String(row.texts),
            meanText(row.ownPerplexity, 2),
            meanText(row.judgeBitsPerByte, 3),
            meanText(row.judgePerplexity, 2),
            row.distinct.map(({ mean }) => mean.toFixed(2)).join(" "),
            meanText(row.selfBleu, 3),
            shareText(row.loopRate),
            relative === null
              ? ""
              : `${percent(relative.value)} (${percent(relative.lower)} to ${percent(relative.upper)})`,
          ];
        }),
      },
      "Quality was not measured.",
    ),
    ...figureOf(drawn.frontier),
  ];
}

/** Whether next tokens follow the model's own law. */
export function distributionSection({ results, model }: Pick<ModelScope, "results" | "model">): readonly ReportBlock[] {
  return [
    heading(3, "Distribution of next tokens"),
    tableOr(
      {
        caption:
          "Chi-square tests of next tokens over many keys against the model's own law, context by context. A scheme without distortion is rejected nowhere, up to chance at .01; one that distorts should be rejected",
        head: [
          "scheme",
          "claims no distortion",
          "contexts",
          "keys each",
          "smallest p (Holm)",
          "rejected at .01",
          "verdict",
        ],
        rows: results.distribution
          .filter((row) => row.model === model)
          .map((row) => [
            row.scheme,
            row.claimsDistortionFree ? "yes" : "no",
            String(row.contexts),
            String(row.keys),
            row.smallestHolmPValue.toPrecision(2),
            `${row.rejected} of ${row.contexts}`,
            row.contexts === 0
              ? "not tested: every context was all but certain"
              : row.rejected === 0
                ? row.claimsDistortionFree
                  ? "as claimed"
                  : "distortion not seen"
                : row.claimsDistortionFree
                  ? "the claim is rejected"
                  : "distorts, as said",
          ]),
      },
      "The distribution of next tokens was not tested.",
    ),
  ];
}
