import type { MeanWithInterval } from "../survival/results.ts";
import type { Share } from "./share.ts";

/** A number of so many digits, without the sign of a rounded −0. */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}

/** A number with its sign. */
export function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return Number(text) > 0 ? `+${text}` : text;
}

/** A share as "0.72 (0.59 to 0.82), 43/60". */
export function shareText({ share, lower, upper, count, n }: Share): string {
  return n === 0 ? "no tests" : `${share.toFixed(2)} (${lower.toFixed(2)} to ${upper.toFixed(2)}), ${count}/${n}`;
}

/** A realised rate as "1.02e-2 (9.1e-3 to 1.14e-2), 310/30400". */
export function rateText({ share, lower, upper, count, n }: Share): string {
  const short = (value: number): string => (value === 0 ? "0" : value.toExponential(1));
  return n === 0 ? "no tests" : `${short(share)} (${short(lower)} to ${short(upper)}), ${count}/${n}`;
}

/** A mean as "1.234 (1.220 to 1.250)"; "not measured" for null. */
export function meanText(figure: MeanWithInterval | null, digits: number): string {
  if (figure === null) return "not measured";
  return `${figure.mean.toFixed(digits)} (${figure.lower.toFixed(digits)} to ${figure.upper.toFixed(digits)})`;
}

/** A rate as "1e-3". */
export function rateName(rate: number): string {
  return rate.toExponential(0);
}

/** Items as "a", "a and b", "a, b and c". */
export function listText(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
