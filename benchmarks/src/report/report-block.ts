import type { ReportFigure } from "./svg-figure.ts";

/** A piece of the report, before it is HTML or Markdown. All text is plain: whoever writes it out escapes it. */
export type ReportBlock =
  | { readonly kind: "heading"; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | ReportTable
  | { readonly kind: "figure"; readonly figure: ReportFigure };

/** A table; cells that read like numbers stand to the right. */
export interface ReportTable {
  readonly kind: "table";
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A heading. */
export function heading(level: 1 | 2 | 3, text: string): ReportBlock {
  return { kind: "heading", level, text };
}

/** A paragraph. */
export function paragraph(text: string): ReportBlock {
  return { kind: "paragraph", text };
}

/** A list; none for no items. */
export function list(items: readonly string[]): readonly ReportBlock[] {
  return items.length === 0 ? [] : [{ kind: "list", items }];
}

/** A table, or a sentence in its place if it has no rows: an empty table must not read as a result. */
export function tableOr(table: Omit<ReportTable, "kind">, otherwise: string): ReportBlock {
  return table.rows.length === 0 ? paragraph(otherwise) : { kind: "table", ...table };
}

/** A figure, or nothing. */
export function figureOf(figure: ReportFigure | null): readonly ReportBlock[] {
  return figure === null ? [] : [{ kind: "figure", figure }];
}
