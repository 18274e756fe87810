import { oneLine } from "./one-line.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Whether a value will do. */
export type Check = (value: unknown) => boolean;

/** Where a field is, with dots between names; what it has to be; and whether it is. */
export type Rule = readonly [path: string, wanted: string, check: Check];

export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const isFlag: Check = (value) => typeof value === "boolean";
export const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
export const isPositive: Check = (value) => isNumber(value) && (value as number) > 0;
/** Of a test: strictly between 0 and 1. */
export const isLevel: Check = (value) => isPositive(value) && (value as number) < 1;
/** A text of one line. */
export const isLine: Check = (value) => typeof value === "string" && value === oneLine(value);
export const isSentence: Check = (value) => isLine(value) && (value as string).trim() !== "";

/** So many hexadecimal digits. */
export const isHex =
  (digits: number): Check =>
  (value) =>
    typeof value === "string" && value.length === digits && /^[0-9a-f]*$/.test(value);

/** An integer from `least` on. */
export const isCount =
  (least: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least;

export const isList =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

export const isNullOr =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

function valueAt(from: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), from);
}

/** A value for a message: what there is of it on sixty places. */
export function show(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return "none";
  if (typeof value === "string" && value.trim() === "") return "none";
  return (typeof value === "object" || typeof value === "string" ? JSON.stringify(value) : String(value)).slice(0, 60);
}

/** The first rule that a record breaks, in a sentence; null if it breaks none. */
export function faultOf(from: unknown, checks: readonly Rule[], place: string): string | null {
  for (const [path, wanted, check] of checks) {
    const value = valueAt(from, path);
    if (!check(value)) return `${place}${path}: wanted ${wanted}, got ${show(value)}`;
  }
  return null;
}
