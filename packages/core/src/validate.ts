import { TokenmarkError, type TokenmarkErrorCode } from "./errors.ts";

/** A short, safe rendering of a wrong value for an error message: never more than 40 characters of it. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}…` : value);
  if (typeof value === "number" || typeof value === "boolean" || value === null || value === undefined)
    return `${value}`;
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** An integer in [min, max]. */
export function checkInteger(
  name: string,
  value: unknown,
  min: number,
  max: number,
  code: TokenmarkErrorCode = "bad-argument",
): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    const wanted = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new TokenmarkError(code, `${name}: wanted an integer ${wanted}, got ${show(value)}`);
  }
  return value;
}

/** A finite number in [min, max]; with `open`, strictly inside. */
export function checkNumber(
  name: string,
  value: unknown,
  min: number,
  max: number,
  options: { readonly open?: boolean; readonly code?: TokenmarkErrorCode } = {},
): number {
  const { open = false, code = "bad-argument" } = options;
  const ok =
    typeof value === "number" &&
    Number.isFinite(value) &&
    (open ? value > min && value < max : value >= min && value <= max);
  if (!ok) {
    const range =
      max === Number.POSITIVE_INFINITY
        ? `${open ? "above" : "of at least"} ${min}`
        : `${open ? "strictly between" : "from"} ${min} ${open ? "and" : "to"} ${max}`;
    throw new TokenmarkError(code, `${name}: wanted a number ${range}, got ${show(value)}`);
  }
  return value;
}

/** A token id: an integer from `min` (−1 where padding may stand) to 2^31 − 1. A bigint, as some hosts give, is none. */
export function checkTokenId(name: string, value: unknown, min: -1 | 0 = 0): number {
  if (typeof value !== "number" || (value | 0) !== value || value < min) {
    throw new TokenmarkError("bad-argument", `${name}: wanted token ids from ${min} to 2147483647, got ${show(value)}`);
  }
  return value;
}

/** One of a list of strings. */
export function checkOneOf<T extends string>(
  name: string,
  value: unknown,
  choices: readonly T[],
  code: TokenmarkErrorCode = "bad-argument",
): T {
  if (typeof value !== "string" || !(choices as readonly string[]).includes(value)) {
    throw new TokenmarkError(code, `${name}: wanted one of ${choices.join(", ")}, got ${show(value)}`);
  }
  return value as T;
}

/** A plain object whose keys are all known. */
export function checkRecord(
  name: string,
  value: unknown,
  known: readonly string[],
  code: TokenmarkErrorCode = "bad-argument",
): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TokenmarkError(code, `${name}: wanted an object, got ${show(value)}`);
  }
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) {
      throw new TokenmarkError(code, `${name}: unknown field ${show(field)}; known are ${known.join(", ")}`);
    }
  }
  return value as Record<string, unknown>;
}
