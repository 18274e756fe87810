import { TokenmarkError } from "@tokenmark/core";

/**
 * Keeps the items that a flag names, with commas between; all where it is not given.
 *
 * @throws TokenmarkError `bad-argument` with the names there are.
 */
export function chooseNamed<T>(
  flag: string,
  names: string | undefined,
  all: readonly T[],
  nameOf: (item: T) => string,
): readonly T[] {
  if (names === undefined) return all;
  return names.split(",").map((name) => {
    const found = all.find((item) => nameOf(item) === name.trim());
    if (found !== undefined) return found;
    throw new TokenmarkError("bad-argument", `${flag}: wanted names among ${all.map(nameOf).join(", ")}, got ${name}`);
  });
}
