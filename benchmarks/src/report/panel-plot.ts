import * as Plot from "@observablehq/plot";
import type { SeriesStyle } from "./series-style.ts";
import { figureDocument } from "./svg-figure.ts";

/** A point of a line or scatter. Bounds are of its 95 % interval. */
export interface PanelPoint {
  /** Title of the panel it belongs to. */
  readonly panel: string;
  /** The scheme's label. */
  readonly series: string;
  readonly x: number;
  readonly y: number;
  readonly xBounds?: readonly [number, number];
  readonly yBounds?: readonly [number, number];
}

/** What {@link panelPlot} draws. */
export interface PanelPlotOptions {
  /** In the order in which they are drawn, row by row. */
  readonly panels: readonly string[];
  readonly points: readonly PanelPoint[];
  readonly styles: readonly SeriesStyle[];
  readonly x: { readonly label: string; readonly type?: "linear" | "log"; readonly ticks?: readonly number[] };
  readonly y: { readonly label: string; readonly domain?: readonly [number, number] };
  /** Whether the points of a scheme are joined, with a band between their bounds. */
  readonly lines: boolean;
  readonly columns: number;
  readonly width: number;
  /** Height of one panel in pixels. */
  readonly panelHeight: number;
}

const INK = "#1a1a1a";
const MARGIN = { left: 56, right: 18, top: 30, bottom: 44 };

/** Small multiples that share both axes, as an SVG element and its height. */
export function panelPlot(options: PanelPlotOptions): { readonly svg: Element; readonly height: number } {
  const { panels, points, styles, x, y, lines, columns, width, panelHeight } = options;
  const rows = Math.ceil(panels.length / columns);
  const height = rows * panelHeight + MARGIN.top + MARGIN.bottom;
  const facet = (panel: string) => {
    const index = panels.indexOf(panel);
    return { fx: index % columns, fy: Math.floor(index / columns) };
  };
  const placed = points
    .filter(({ panel }) => panels.includes(panel))
    .map((point) => ({ ...point, ...facet(point.panel) }));
  const svg = Plot.plot({
    document: figureDocument,
    width,
    height,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    style: { fontSize: "12px" },
    fx: {
      domain: range(Math.min(columns, panels.length)),
      axis: null,
      paddingInner: Math.min(columns, panels.length) > 1 ? 0.09 : 0,
      paddingOuter: 0,
    },
    fy: { domain: range(rows), axis: null, paddingInner: rows > 1 ? 0.2 : 0, paddingOuter: 0 },
    x: {
      type: x.type ?? "linear",
      label: x.label,
      inset: 9,
      labelAnchor: "center",
      labelArrow: "none",
      nice: x.type !== "log" && x.ticks === undefined,
      ...(x.ticks === undefined
        ? { ticks: 5 }
        : { ticks: [...x.ticks], tickFormat: (value: number) => compact(value) }),
    },
    y: {
      label: y.label,
      labelAnchor: "center",
      labelArrow: "none",
      ticks: 5,
      ...(y.domain === undefined ? { nice: true, zero: true } : { domain: [...y.domain] }),
    },
    marks: [
      Plot.gridX({
        stroke: INK,
        strokeOpacity: 0.1,
        ...(x.ticks === undefined ? { ticks: 5 } : { ticks: [...x.ticks] }),
      }),
      Plot.gridY({ stroke: INK, strokeOpacity: 0.1, ticks: 5 }),
      Plot.frame({ stroke: INK, strokeOpacity: 0.4 }),
      Plot.text(
        panels.map((panel) => ({ panel, ...facet(panel) })),
        { text: "panel", fx: "fx", fy: "fy", frameAnchor: "top-left", dy: -15, fill: INK, fontWeight: "bold" },
      ),
      ...styles.flatMap((style) =>
        seriesMarks(
          style,
          placed.filter(({ series }) => series === style.label),
          lines,
        ),
      ),
    ],
  });
  return { svg: svg as unknown as Element, height };
}

type PlacedPoint = PanelPoint & { readonly fx: number; readonly fy: number };

function seriesMarks(style: SeriesStyle, points: readonly PlacedPoint[], lines: boolean): Plot.Markish[] {
  if (points.length === 0) return [];
  const at = { fx: "fx", fy: "fy" } as const;
  const withBounds = points.filter(({ yBounds }) => yBounds !== undefined);
  const withXBounds = points.filter(({ xBounds }) => xBounds !== undefined);
  const low = (point: PlacedPoint): number => point.yBounds![0];
  const high = (point: PlacedPoint): number => point.yBounds![1];
  const { colour } = style;
  const marks: Plot.Markish[] = [];
  if (lines) {
    marks.push(
      Plot.areaY(withBounds, { ...at, x: "x", y1: low, y2: high, fill: colour, fillOpacity: 0.08 }),
      Plot.lineY(points, { ...at, x: "x", y: "y", stroke: colour, strokeWidth: 1.8, strokeDasharray: style.dash }),
    );
  } else {
    marks.push(
      Plot.ruleX(withBounds, { ...at, x: "x", y1: low, y2: high, stroke: colour, strokeOpacity: 0.6 }),
      Plot.ruleY(withXBounds, {
        ...at,
        y: "y",
        x1: (point: PlacedPoint) => point.xBounds![0],
        x2: (point: PlacedPoint) => point.xBounds![1],
        stroke: colour,
        strokeOpacity: 0.6,
      }),
    );
  }
  const r = lines ? 3.2 : 5;
  marks.push(
    Plot.dot(points, {
      ...at,
      x: "x",
      y: "y",
      symbol: style.symbol,
      r,
      fill: "white",
      stroke: colour,
      strokeWidth: 1.6,
    }),
  );
  return marks;
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** A tick as "500", "20k" or "1.5M". */
function compact(value: number): string {
  if (value >= 1e6) return `${+(value / 1e6).toFixed(2)}M`;
  return value >= 1e4 ? `${+(value / 1e3).toFixed(1)}k` : String(value);
}
