import { presenceFigures, stealingFigures } from "./adversary-figures.ts";
import { fixed, shareText } from "./figure-text.ts";
import { figureOf, heading, type ReportBlock, tableOr } from "./report-block.ts";
import type { ModelScope } from "./survival-section.ts";

/** What thieves and outsiders can do after so many marked tokens. */
export function adversarySection({ results, model, drawn }: ModelScope): readonly ReportBlock[] {
  const missing = results.adversaries.filter((point) => point.model === model && "status" in point);
  const gaps = (adversary: "stealing" | "presence", columns: number): string[][] =>
    missing.flatMap((point) =>
      point.adversary === adversary && "status" in point
        ? [[point.scheme, String(point.tokensSeen), `${point.status}, seed ${point.seed}`, ...Array(columns).fill("")]]
        : [],
    );
  return [
    heading(3, "Adversaries"),
    tableOr(
      {
        caption:
          "A thief who learns from marked texts. Forged: p ≤ 1e-3 at a perplexity of at most 1.5 times that of unmarked text. Washed: marked texts still found at 1e-3",
        head: [
          "scheme",
          "tokens seen",
          "forged",
          "forged at any quality",
          "median log10 p of forgeries",
          "perplexity ratio",
          "found after the wash",
          "found before it",
          "edit distance of the wash",
        ],
        rows: [
          ...stealingFigures(results)
            .filter((figure) => figure.model === model)
            .map((figure) => [
              figure.scheme,
              String(figure.tokensSeen),
              shareText(figure.spoofed),
              shareText(figure.spoofedAnyQuality),
              fixed(figure.medianSpoofLog10PValue, 1),
              figure.perplexityRatio.toFixed(2),
              shareText(figure.foundAfterScrub),
              shareText(figure.foundBeforeScrub),
              figure.scrubEditDistance.toFixed(2),
            ]),
          ...gaps("stealing", 6),
        ],
      },
      "Theft was not tried.",
    ),
    tableOr(
      {
        caption:
          "An outsider who looks for a mark without the key: tries in which p ≤ .01, where chance alone gives one in a hundred",
        head: ["scheme", "tokens seen", "suspected", "median log10 p"],
        rows: [
          ...presenceFigures(results)
            .filter((figure) => figure.model === model)
            .map((figure) => [
              figure.scheme,
              String(figure.tokensSeen),
              shareText(figure.suspected),
              fixed(figure.medianLog10PValue, 1),
            ]),
          ...gaps("presence", 1),
        ],
      },
      "Presence without the key was not tested.",
    ),
    ...figureOf(drawn.adversaries),
  ];
}
