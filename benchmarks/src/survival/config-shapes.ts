import { TokenmarkError } from "@tokenmark/core";
import { z } from "zod";

/** Messages say what was wanted; what was got and where is added from the issue. */
export const count = (least: number): z.ZodNumber => {
  const wanted = `an integer of at least ${least}`;
  return z.number(wanted).int(wanted).min(least, wanted);
};
export const within = (least: number, most: number): z.ZodNumber => {
  const wanted = `a number from ${least} to ${most}`;
  return z.number(wanted).min(least, wanted).max(most, wanted);
};
export const text: z.ZodString = z.string("a text").min(1, "a text");
export const each = <T extends z.ZodType>(item: T): z.ZodArray<T> => {
  const wanted = "a list without repeats";
  return z.array(item, wanted).refine((items) => new Set(items).size === items.length, wanted);
};
export const fields = <T extends z.ZodRawShape>(shape: T): z.ZodObject<T, z.core.$strict> =>
  z.strictObject(shape, { error: `an object with ${Object.keys(shape).join(", ")}` });
export const SOME = "at least one";

export function refuse(what: string, wanted: string, got: unknown): never {
  throw new TokenmarkError("bad-config", `${what}: wanted ${wanted}, got ${JSON.stringify(got) ?? String(got)}`);
}

/** What stands at a path of a value. */
function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );
}

/**
 * Refuses a value that has not a config's shape, and says where.
 *
 * @throws TokenmarkError `bad-config`.
 */
export function checkShape(shape: z.ZodType, value: unknown): void {
  const issue = shape.safeParse(value).error?.issues[0];
  if (issue === undefined) return;
  refuse(pathText(issue.path) || "config", issue.message, valueAt(value, issue.path));
}

export function checkUnique(what: string, values: readonly unknown[]): void {
  if (new Set(values).size !== values.length) refuse(what, "each once", values);
}
