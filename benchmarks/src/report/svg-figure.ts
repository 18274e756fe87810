import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { SeriesStyle } from "./series-style.ts";

/** The document that figures are drawn in; nothing is ever attached to it. */
export const figureDocument: Document = parseHTML("<html><body></body></html>").document;

/** A figure of the report. */
export interface ReportFigure {
  /** File name without a folder, such as "survival-model.svg". */
  readonly file: string;
  readonly title: string;
  /** What is to be seen, for readers who do not see it. */
  readonly description: string;
  /** A standalone SVG element. */
  readonly svg: string;
}

const NAMESPACE = "http://www.w3.org/2000/svg";
const INK = "#1a1a1a";
const LEGEND_ROW = 22;
/** Mean advance of the 12 px system font, on the wide side. */
const LETTER = 7.2;

/**
 * A figure of a title, a legend and a plot on white, readable on pages of any colour. Its ids come from its file name, so that many
 * figures can stand in one page.
 */
export function svgFigure(options: {
  readonly file: string;
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly styles: readonly SeriesStyle[];
  readonly plot: { readonly svg: Element; readonly height: number };
}): ReportFigure {
  const { file, title, description, width, styles, plot } = options;
  const legend = drawLegend(styles, width - 24);
  const top = 34;
  const height = top + legend.height + plot.height;
  const id = file.replace(/\.svg$/, "");
  const root = element("svg", {
    xmlns: NAMESPACE,
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "aria-labelledby": `${id}-title ${id}-desc`,
    "font-family": "system-ui, sans-serif",
    "font-size": 12,
    fill: INK,
    color: INK,
  });
  const heading = element("text", { x: 12, y: 22, "font-size": 15, "font-weight": "bold" }, title);
  root.append(
    element("title", { id: `${id}-title` }, title),
    element("desc", { id: `${id}-desc` }, description),
    element("rect", { width, height, fill: "white" }),
    heading,
    placed(legend.svg, 12, top),
    placed(plot.svg, 0, top + legend.height),
  );
  return Object.freeze({ file, title, description, svg: root.outerHTML });
}

function element(name: string, attributes: Readonly<Record<string, string | number>>, text?: string): Element {
  const made = figureDocument.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Moves a plot inside another SVG. Its own style sheet is meant for the top level and would undo its size. */
function placed(svg: Element, x: number, y: number): Element {
  svg.querySelector("style")?.remove();
  svg.removeAttribute("class");
  svg.setAttribute("x", String(x));
  svg.setAttribute("y", String(y));
  return svg;
}

function drawLegend(styles: readonly SeriesStyle[], width: number): { readonly svg: Element; readonly height: number } {
  const longest = Math.max(1, ...styles.map(({ label }) => label.length));
  const column = Math.min(width, 52 + LETTER * longest);
  const columns = Math.max(1, Math.floor(width / column));
  const height = Math.ceil(styles.length / columns) * LEGEND_ROW + 4;
  const svg = Plot.plot({
    document: figureDocument,
    width,
    height,
    margin: 0,
    style: { fontSize: "12px" },
    x: { domain: [0, width], range: [0, width], axis: null },
    y: { domain: [0, height], range: [0, height], axis: null },
    marks: styles.flatMap(({ label, colour, dash, symbol }, i) => {
      const x = (i % columns) * column;
      const y = Math.floor(i / columns) * LEGEND_ROW + LEGEND_ROW / 2;
      return [
        Plot.line(
          [
            [x, y],
            [x + 34, y],
          ],
          { stroke: colour, strokeWidth: 1.8, strokeDasharray: dash },
        ),
        Plot.dot([[x + 17, y]], { symbol, r: 4, fill: "white", stroke: colour, strokeWidth: 1.6 }),
        Plot.text([[x + 40, y]], { text: [label], textAnchor: "start", fill: INK }),
      ];
    }),
  });
  return { svg: svg as unknown as Element, height };
}
