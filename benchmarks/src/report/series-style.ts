import type { SurvivalResults } from "../survival/results.ts";
import { markingSchemes } from "./report-scope.ts";

/** How a scheme is drawn: the same in every figure, told apart by colour, dash and symbol alike. */
export interface SeriesStyle {
  readonly label: string;
  readonly colour: string;
  readonly dash: string;
  readonly symbol: "circle" | "square" | "triangle" | "diamond" | "star" | "cross" | "wye";
}

/** Okabe and Ito's palette (2008), which colour-blind readers tell apart, without yellow and with darker fillers, all legible on white. */
const COLOURS = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#b8478f",
  "#000000",
  "#b37400",
  "#2a9fd8",
  "#7a5195",
  "#6b6b6b",
  "#7f3b08",
];
const DASHES = ["none", "7 3", "2 3", "9 3 2 3", "4 2"];
const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "cross", "wye"] as const;

/** Styles of the schemes that mark, in their order. 70 schemes differ in colour and symbol together. */
export function seriesStyles(results: Pick<SurvivalResults, "schemes">): readonly SeriesStyle[] {
  return markingSchemes(results).map(({ label }, i) =>
    Object.freeze({
      label,
      colour: COLOURS[i % COLOURS.length]!,
      dash: DASHES[i % DASHES.length]!,
      symbol: SYMBOLS[i % SYMBOLS.length]!,
    }),
  );
}
