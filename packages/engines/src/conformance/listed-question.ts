import type { Json } from "./golden.ts";

/**
 * Entries of a question that files list beside their answers, such as the seeds of each step's logits. Where all but one of them follow
 * the rule of the files the rule is taken, so that the one is found; files with another rule are taken at their word.
 */
export function listedQuestion<T extends Json>(listed: readonly T[], ruled: readonly T[]): readonly T[] {
  const agreed = ruled.filter((entry, i) => same(entry, listed[i])).length;
  return agreed > 1 && Math.max(listed.length, ruled.length) - agreed <= 1 ? ruled : listed;
}

/** Equal, whatever the order of their fields. */
function same(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([name, value]) => same(value as Json, right.get(name) as Json));
}
