import { FALSE_POSITIVE_RATES, type SurvivalResults } from "../survival/results.ts";
import { presenceFigures, stealingFigures } from "./adversary-figures.ts";
import { rateName } from "./figure-text.ts";
import { type PanelPoint, panelPlot } from "./panel-plot.ts";
import { pooledQuality, relativeQuality } from "./pooled-quality.ts";
import { attackNames, greatestLength, markingSchemes, type ReportOptions } from "./report-scope.ts";
import { seriesStyles } from "./series-style.ts";
import type { Share } from "./share.ts";
import { strongAttack } from "./strong-attack.ts";
import type { SurvivalFigure } from "./survival-figures.ts";
import { type ReportFigure, svgFigure } from "./svg-figure.ts";

const WIDTH = 920;
const PROPORTION = { domain: [0, 1] } as const;

/** The figures of one model. A figure that has no points is left out. */
export interface ModelFigures {
  readonly survival: ReportFigure | null;
  readonly length: ReportFigure | null;
  readonly frontier: ReportFigure | null;
  readonly adversaries: ReportFigure | null;
}

type Draft = Omit<Parameters<typeof panelPlot>[0], "styles" | "width"> & {
  readonly kind: string;
  readonly title: string;
  readonly description: string;
};

/** Draws the figures of one model. The same results give the same bytes. */
export function modelFigures(
  results: SurvivalResults,
  figures: readonly SurvivalFigure[],
  model: string,
  options: ReportOptions = {},
): ModelFigures {
  const styles = seriesStyles(results);
  const slug = modelSlug(results, model);
  const here = figures.filter((figure) => figure.model === model);
  const draw = (draft: Draft | null): ReportFigure | null => {
    const shown = styles.filter(({ label }) => draft?.points.some(({ series }) => series === label));
    if (draft === null || shown.length === 0) return null;
    const { kind, title, description, ...plot } = draft;
    return svgFigure({
      file: `${kind}-${slug}.svg`,
      title,
      description,
      width: WIDTH,
      styles: shown,
      plot: panelPlot({ ...plot, styles: shown, width: WIDTH }),
    });
  };
  return Object.freeze({
    survival: draw(survivalDraft(results, here, model)),
    length: draw(lengthDraft(here, model)),
    frontier: draw(frontierDraft(results, here, model, strongAttack(results, figures, options))),
    adversaries: draw(adversaryDraft(results, model)),
  });
}

/** A model's name as part of a file name, numbered so that two names never meet. */
function modelSlug({ models }: SurvivalResults, model: string): string {
  const index = models.findIndex(({ name }) => name === model);
  const name = model
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return `${index + 1}-${name || "model"}`;
}

function proportion(panel: string, series: string, x: number, share: Share): PanelPoint {
  return { panel, series, x, y: share.share, yBounds: [share.lower, share.upper] };
}

function survivalDraft(results: SurvivalResults, here: readonly SurvivalFigure[], model: string): Draft | null {
  const length = greatestLength(results, model);
  const longest = here.filter((figure) => figure.length === length);
  const panels = attackNames(results).filter((attack) => longest.some((figure) => figure.attack === attack));
  if (panels.length === 0) return null;
  const points = panels.flatMap((attack) =>
    longest
      // At strength 0 every text stays as it is, so texts as written begin each curve.
      .filter((figure) => figure.attack === attack || (figure.attack === "none" && !hasZero(longest, figure, attack)))
      .map((figure) =>
        proportion(attack, figure.scheme, figure.attack === "none" ? 0 : figure.strength, figure.found[1]!),
      )
      .sort((a, b) => a.x - b.x),
  );
  return {
    kind: "survival",
    title: `Survival of attacks on ${model}, ${length} tokens`,
    description: `Share of marked texts found at a false-positive rate of 1e-3 against the attack's strength, a panel an attack, a line a scheme, bands of 95 % intervals. The table of every cell holds the same figures.`,
    panels,
    points,
    x: { label: "strength of the attack" },
    y: { label: "found at 1e-3", ...PROPORTION },
    lines: true,
    columns: 3,
    panelHeight: 200,
  };
}

function hasZero(figures: readonly SurvivalFigure[], { scheme }: SurvivalFigure, attack: string): boolean {
  return figures.some((figure) => figure.scheme === scheme && figure.attack === attack && figure.strength === 0);
}

function lengthDraft(here: readonly SurvivalFigure[], model: string): Draft | null {
  const clean = here.filter(({ attack }) => attack === "none").sort((a, b) => a.length - b.length);
  const lengths = [...new Set(clean.map(({ length }) => length))];
  if (lengths.length < 2) return null;
  const panels = FALSE_POSITIVE_RATES.map((rate) => `false-positive rate ${rateName(rate)}`);
  return {
    kind: "length",
    title: `Texts of ${model} as written: found by length`,
    description: `Share of marked texts found against their length in tokens, without an attack, a panel a false-positive rate, a line a scheme, bands of 95 % intervals.`,
    panels,
    points: panels.flatMap((panel, i) =>
      clean.map((figure) => proportion(panel, figure.scheme, figure.length, figure.found[i]!)),
    ),
    x: { label: "tokens of the text", type: "log", ticks: lengths },
    y: { label: "found", ...PROPORTION },
    lines: true,
    columns: 3,
    panelHeight: 230,
  };
}

function frontierDraft(
  results: SurvivalResults,
  here: readonly SurvivalFigure[],
  model: string,
  strong: ReturnType<typeof strongAttack>,
): Draft | null {
  const length = greatestLength(results, model);
  const marking = new Set(markingSchemes(results).map(({ label }) => label));
  const rows = pooledQuality(results).filter((row) => row.model === model);
  const plain = rows.find(({ scheme }) => !marking.has(scheme));
  if (plain === undefined) return null;
  const written = "as written";
  const attacked = strong === null ? null : `after ${strong.attack} ${strong.strength}`;
  let measure = "";
  const points = rows.flatMap((row): PanelPoint[] => {
    const quality = marking.has(row.scheme) ? relativeQuality(row, plain) : null;
    if (quality === null) return [];
    measure = quality.measure;
    const x = { x: 100 * quality.value, xBounds: [100 * quality.lower, 100 * quality.upper] as const };
    const found = here.filter((figure) => figure.scheme === row.scheme && figure.length === length);
    const at = (panel: string | null, figure: SurvivalFigure | undefined): PanelPoint[] =>
      panel === null || figure === undefined ? [] : [{ panel, series: row.scheme, ...x, y: -figure.medianLog10PValue }];
    return [
      ...at(
        written,
        found.find(({ attack }) => attack === "none"),
      ),
      ...at(
        attacked,
        found.find(({ attack, strength }) => attack === strong?.attack && strength === strong.strength),
      ),
    ];
  });
  return {
    kind: "frontier",
    title: `Quality and evidence on ${model}, ${length} tokens`,
    description: `Median evidence (minus log10 p) against the cost to quality: ${measure} above unmarked text in per cent, with 95 % intervals; left and up is better.`,
    panels: attacked === null ? [written] : [written, attacked],
    points,
    x: { label: `${measure}, % above unmarked text` },
    y: { label: "median −log10 p" },
    lines: false,
    columns: 2,
    panelHeight: 290,
  };
}

function adversaryDraft(results: SurvivalResults, model: string): Draft | null {
  const stealing = stealingFigures(results).filter((figure) => figure.model === model && figure.tokensSeen > 0);
  const presence = presenceFigures(results).filter((figure) => figure.model === model && figure.tokensSeen > 0);
  const points = [
    ...stealing.map((f) => proportion("forgeries that succeed", f.scheme, f.tokensSeen, f.spoofed)),
    ...stealing.map((f) => proportion("found after a thief's wash", f.scheme, f.tokensSeen, f.foundAfterScrub)),
    ...presence.map((f) => proportion("suspected without the key", f.scheme, f.tokensSeen, f.suspected)),
  ];
  const seen = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  return {
    kind: "adversaries",
    title: `Adversaries against marks on ${model}`,
    description: `Share of forgeries that pass, of washed texts still found at 1e-3, and of tries in which an outsider suspects a mark at .01, against marked tokens seen on a logarithmic axis; bands of 95 % intervals.`,
    panels: [...new Set(points.map(({ panel }) => panel))],
    points,
    x: { label: "marked tokens seen", type: "log", ticks: seen },
    y: { label: "share", ...PROPORTION },
    lines: true,
    columns: 3,
    panelHeight: 230,
  };
}
