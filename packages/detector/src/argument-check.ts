import { TokenmarkError, type TokenSequence } from "@tokenmark/core";

/** Refuses what is no list of token ids, and names the first entry that is none. */
export function checkTokens(name: string, tokens: TokenSequence): void {
  checkSequence(name, tokens);
  for (let i = 0; i < tokens.length; i++) {
    const token: unknown = tokens[i];
    if (typeof token === "number" && (token & 0x7fffffff) === token) continue;
    // What transformers.js keeps in its tensors; `&` with a number would throw a TypeError.
    const advice = typeof token === "bigint" ? ", a bigint: convert ids with Number(id)" : "";
    throw new TokenmarkError(
      "bad-argument",
      `${name}[${i}]: wanted a token id, a number from 0 to 2147483647, got ${show(token)}${advice}`,
    );
  }
}

/** Refuses what has no length to count by: a Set would otherwise be read as no token at all. */
export function checkSequence(name: string, tokens: TokenSequence): void {
  const length: unknown = typeof tokens === "object" && tokens !== null ? tokens.length : undefined;
  if (typeof length === "number" && Number.isInteger(length) && length >= 0) return;
  throw new TokenmarkError("bad-argument", `${name}: wanted an array of token ids, got ${show(tokens)}`);
}

/** A number in [min, max], both included; with `integer`, a whole one. */
export function checkFigure(name: string, value: unknown, min: number, max: number, integer = false): void {
  if (typeof value === "number" && value >= min && value <= max && (!integer || Number.isInteger(value))) return;
  throw new TokenmarkError(
    "bad-argument",
    `${name}: wanted ${integer ? "an integer" : "a number"} from ${min} to ${max}, got ${show(value)}`,
  );
}

/** A short rendering of a wrong value that throws for none. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}…` : value);
  if (typeof value === "bigint") return `${String(value).slice(0, 40)}n`;
  if (value === null || ["number", "boolean", "undefined"].includes(typeof value)) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
