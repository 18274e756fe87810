import type { LossChange } from "./losses.ts";

/** A share, at most two places: 12.5 %. */
export const percent = (share: number): string => `${+(100 * share).toFixed(2)} %`;
/** log10 p; small ones to one place. */
export const decades = (log10P: number): string => (log10P <= -2 ? log10P.toFixed(1) : log10P.toFixed(2));

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** A share with its sign: +1.5 %. */
export const signedPercent = (share: number): string => `${share >= 0 ? "+" : ""}${(100 * share).toFixed(1)} %`;

/** A change of loss with its interval. */
export const lossChangeText = ({ change, interval }: LossChange): string =>
  interval === null
    ? signedPercent(change)
    : `${signedPercent(change)} (${signedPercent(interval.lower)} to ${signedPercent(interval.upper)})`;
