import { TokenmarkError } from "@tokenmark/core";

/**
 * The one name that flags ask for; undefined where none does.
 *
 * @param wanted - the flags and what is wanted of them, for the message.
 * @throws TokenmarkError `bad-argument` for several.
 */
export function chooseOne<Name extends string>(
  wanted: string,
  asked: readonly (Name | false | undefined)[],
): Name | undefined {
  const names = asked.filter((name): name is Name => typeof name === "string");
  if (names.length <= 1) return names[0];
  throw new TokenmarkError("bad-argument", `${wanted}, got ${names.join(", ")}`);
}
