import { TokenmarkError } from "@tokenmark/core";

/** JSON object of an answer. */
export type Json = Readonly<Record<string, unknown>>;

/** An answer is JSON, but not of the shape that its server is known for. */
export function badAnswer(server: string, field: string, wanted: string, got: unknown): TokenmarkError {
  const kind = got === null ? "null" : Array.isArray(got) ? `an array of ${got.length}` : typeof got;
  return new TokenmarkError("bad-answer", `server ${server}: wanted ${wanted} in ${field}, got ${kind}`);
}

/** A field that must be an object. */
export function readObject(server: string, field: string, value: unknown): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badAnswer(server, field, "an object", value);
  }
  return value as Json;
}

/** A field that must be an array. */
export function readArray(server: string, field: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw badAnswer(server, field, "an array", value);
  return value;
}

/** A field that must be token ids. */
export function readIds(server: string, field: string, value: unknown): readonly number[] {
  const ids = readArray(server, field, value);
  const wrong = ids.find((id) => !isId(id));
  if (wrong !== undefined) throw badAnswer(server, field, "token ids", wrong);
  return ids as readonly number[];
}

/** A token id: a non-negative integer below 2^31. */
export function isId(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value && value >= 0;
}

/** A count that a server may tell: a positive integer, or null where there is none. */
export function readCount(value: unknown): number | null {
  return isId(value) && value > 0 ? value : null;
}
