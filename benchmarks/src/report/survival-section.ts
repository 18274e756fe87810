import { FALSE_POSITIVE_RATES, type SurvivalResults } from "../survival/results.ts";
import { fixed, rateName, shareText } from "./figure-text.ts";
import { cellText, missingPlaces } from "./missing-cells.ts";
import { figureOf, heading, paragraph, type ReportBlock, tableOr } from "./report-block.ts";
import type { ModelFigures } from "./report-figures.ts";
import { attackNames, chosenStrength, greatestLength, markingSchemes, type ReportOptions } from "./report-scope.ts";
import { type CellPlace, placeKey, type SurvivalFigure } from "./survival-figures.ts";
import { tokensForHalfPower } from "./tokens-for-power.ts";

/** What the sections about one model work with. */
export interface ModelScope {
  readonly results: SurvivalResults;
  readonly figures: readonly SurvivalFigure[];
  readonly model: string;
  readonly drawn: ModelFigures;
  readonly options: ReportOptions;
}

/** Texts as written: evidence, separation and the length that it takes. */
export function cleanSection({ results, figures, model, drawn }: ModelScope): readonly ReportBlock[] {
  const length = lengthOf(results, model);
  const missing = missingPlaces(results);
  const rows = markingSchemes(results).map(({ label }) => {
    const place = { model, scheme: label, attack: "none", strength: 0, length };
    const clean = figures.filter((f) => f.model === model && f.scheme === label && f.attack === "none");
    const figure = clean.find((f) => f.length === length);
    // A clean cell may carry any strength; its own place tells what is missing.
    const at =
      figure ??
      results.cells.find(
        (c) => c.model === model && c.scheme === label && c.attack === "none" && c.length === length,
      ) ??
      place;
    if (figure === undefined)
      return [label, cellText(at, null, missing), "", "", ...FALSE_POSITIVE_RATES.map(() => ""), ""];
    const power = tokensForHalfPower(clean);
    return [
      label,
      cellText(at, fixed(figure.medianLog10PValue, 1), missing),
      String(Math.round(figure.medianTokensScored)),
      figure.auroc === null ? "no unmarked texts" : figure.auroc.toFixed(3),
      ...figure.found.map(shareText),
      power === null
        ? "the median does not fall"
        : power.map(({ tokens, extrapolated }) => `${tokens}${extrapolated ? "*" : ""}`).join(" / "),
    ];
  });
  return [
    heading(3, "As written"),
    tableOr(
      {
        caption: `Marked texts of ${length} tokens without an attack: median log10 p, units scored, AUROC against unmarked texts, share found at three false-positive rates with Wilson's 95 % interval, and tokens at which half are found at each rate`,
        head: [
          "scheme",
          "median log10 p",
          "scored",
          "AUROC",
          ...FALSE_POSITIVE_RATES.map((rate) => `found at ${rateName(rate)}`),
          `tokens for power ½ at ${FALSE_POSITIVE_RATES.map(rateName).join(" / ")}`,
        ],
        rows,
      },
      "No scheme was run.",
    ),
    paragraph(
      "Tokens for power ½: a line through the origin is fitted by least squares to the median of −log10 p over the measured lengths, and read off at −log10 of the rate. * outside the measured lengths, so extrapolated.",
    ),
    ...figureOf(drawn.length),
  ];
}

/** Texts after attacks, at one strength each. */
export function attackSection({ results, figures, model, drawn, options }: ModelScope): readonly ReportBlock[] {
  const length = lengthOf(results, model);
  const missing = missingPlaces(results);
  const attacks = attackNames(results).flatMap((attack) => {
    const strength = chosenStrength(results, attack, options);
    return strength === null ? [] : [{ attack, strength }];
  });
  const found = foundBy(figures);
  const rows = markingSchemes(results).map(({ label }) => [
    label,
    ...attacks.map(({ attack, strength }) => {
      const place: CellPlace = { model, scheme: label, attack, strength, length };
      const figure = found.get(placeKey(place));
      return cellText(place, figure === undefined ? null : shareText(figure.found[1]!), missing);
    }),
  ]);
  return [
    heading(3, "After attacks"),
    tableOr(
      {
        caption: `Share of marked texts of ${length} tokens found at a false-positive rate of 1e-3 with Wilson's 95 % interval, and the count; the number behind an attack is its strength`,
        head: ["scheme", ...attacks.map(({ attack, strength }) => `${attack} ${strength}`)],
        rows: attacks.length === 0 ? [] : rows,
      },
      "No attack was run.",
    ),
    ...figureOf(drawn.survival),
  ];
}

/** Every place of one model, measured or not. */
export function everyCellSection({ results, figures, model }: ModelScope): readonly ReportBlock[] {
  const missing = missingPlaces(results);
  const found = foundBy(figures);
  const places = new Map(results.cells.filter((cell) => cell.model === model).map((cell) => [placeKey(cell), cell]));
  const rows = [...places.values()].map((place) => {
    const figure = found.get(placeKey(place));
    const where = [place.scheme, place.attack, String(place.strength), String(place.length)];
    if (figure === undefined) return [...where, cellText(place, null, missing), "", "", "", "", "", ""];
    return [
      ...where,
      cellText(place, fixed(figure.medianLog10PValue, 1), missing),
      figure.auroc === null ? "" : figure.auroc.toFixed(3),
      ...figure.found.map(shareText),
      figure.editDistance.toFixed(2),
      figure.ngramSurvival.map((share) => share.toFixed(2)).join(" "),
    ];
  });
  return [
    tableOr(
      {
        caption: `Every cell of ${model}; seeds pooled`,
        head: [
          "scheme",
          "attack",
          "strength",
          "length",
          "median log10 p",
          "AUROC",
          ...FALSE_POSITIVE_RATES.map((rate) => `found at ${rateName(rate)}`),
          "edit distance",
          "1- to 5-grams that survive",
        ],
        rows,
      },
      `No cell of ${model} was run.`,
    ),
  ];
}

/** The greatest measured length, or the one that was to be measured. */
function lengthOf(results: SurvivalResults, model: string): number {
  return greatestLength(results, model) ?? Math.max(...results.settings.lengths);
}

function foundBy(figures: readonly SurvivalFigure[]): ReadonlyMap<string, SurvivalFigure> {
  return new Map(figures.map((figure) => [placeKey(figure), figure]));
}
