import { TokenmarkError } from "@tokenmark/core";

/** What breaks a line, or writes over it where a report is printed. */
const BREAK = /[\p{Cc}\u2028\u2029]/gu;

/** A name as a report can print it: files and servers are named as others like. */
export const oneLine = (name: string): string => name.replaceAll(BREAK, "?");

/**
 * Refuses names that a report cannot print on a line of their own.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function checkNames(names: readonly string[]): void {
  const broken = names.find((name) => name !== oneLine(name));
  if (broken === undefined) return;
  throw new TokenmarkError("bad-argument", `name: wanted a text of one line, got ${JSON.stringify(broken)}`);
}
