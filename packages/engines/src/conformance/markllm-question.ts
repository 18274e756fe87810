import { TokenmarkError } from "@tokenmark/core";
import type { Json, JsonObject } from "./golden.ts";

function refuse(name: string, wanted: string): never {
  throw new TokenmarkError("bad-argument", `${name}: wanted ${wanted}`);
}

/** A number of a question, or the fallback where it is missing. */
export function numberIn(fields: JsonObject, name: string, fallback?: number): number {
  const value = fields[name] ?? fallback;
  return typeof value === "number" ? value : refuse(name, "a number");
}

/** A text of a question, or the fallback where it is missing. */
export function textIn(fields: JsonObject, name: string, fallback?: string): string {
  const value = fields[name] ?? fallback;
  return typeof value === "string" ? value : refuse(name, "a string");
}

/** A whole number of any size, as digits or as a number. */
export function integerIn(fields: JsonObject, name: string, fallback?: string): bigint {
  const value = fields[name] ?? fallback;
  return typeof value === "string" || (typeof value === "number" && Number.isSafeInteger(value))
    ? BigInt(value)
    : refuse(name, "a whole number as a string");
}

function isTokens(value: Json | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "number");
}

/** Token ids of a question. */
export function tokensIn(fields: JsonObject, name: string): readonly number[] {
  const value = fields[name];
  return isTokens(value) ? value : refuse(name, "a list of token ids");
}

/** Several lists of token ids. */
export function sequencesIn(fields: JsonObject, name: string): readonly (readonly number[])[] {
  const value = fields[name];
  return Array.isArray(value) && value.every(isTokens) ? value : refuse(name, "lists of token ids");
}
