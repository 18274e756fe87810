import { rateName, rateText } from "./figure-text.ts";
import { nullExcesses, placeNullRates, schemeNullRates } from "./null-rates.ts";
import { heading, list, paragraph, type ReportBlock, tableOr } from "./report-block.ts";
import type { ModelScope } from "./survival-section.ts";

/** Rates that the tests are many enough to count; below them a realised rate would be one of nought or one. */
const COUNTED = 2;

/** Realised false-positive rates. */
export function nullSection({ results, model }: Pick<ModelScope, "results" | "model">): readonly ReportBlock[] {
  const schemes = schemeNullRates(results).filter((row) => row.model === model);
  const { examined, excesses } = nullExcesses(placeNullRates(results).filter((row) => row.model === model));
  const rows = schemes.flatMap(({ scheme, rates }) =>
    rates
      .slice(0, COUNTED)
      .map(({ rate, unmarked, wrongKey, pooled, tooMany }) => [
        scheme,
        rateName(rate),
        rateText(unmarked),
        rateText(wrongKey),
        rateText(pooled),
        tooMany ? "above the rate" : "",
      ]),
  );
  return [
    heading(3, "False alarms"),
    tableOr(
      {
        caption:
          "Realised false-positive rates over all attacks, strengths and lengths, with Clopper and Pearson's 95 % interval and the counts: unmarked texts under many keys, marked texts under wrong keys, and both together",
        head: ["scheme", "nominal rate", "unmarked texts", "wrong keys", "together", "flag"],
        rows,
      },
      "No false alarms were counted.",
    ),
    paragraph(
      "Below 1e-3 these tests are too few to count false alarms: there the thresholds rest on the exact law of the statistic in text written without the key. Tests of one text after several attacks are not independent, so intervals over all cells are too narrow.",
    ),
    paragraph(
      `Cell by cell, ${excesses.length} of ${examined} intervals lie above their rate; up to ${Math.ceil(0.025 * examined)} would by chance.${excesses.length === 0 ? "" : ` ${excesses.filter(({ holmPValue }) => holmPValue <= 0.05).length} stand after Holm's correction at .05.`}`,
    ),
    ...list(
      excesses.map(
        ({ place, rate, holmPValue }) =>
          `Flagged: ${place.scheme}, ${place.attack === "none" ? "as written" : `${place.attack} ${place.strength}`}, ${place.length} tokens: ${rateText(rate.pooled)} at ${rateName(rate.rate)}; p ${holmPValue.toPrecision(2)} after Holm's correction.`,
      ),
    ),
  ];
}
