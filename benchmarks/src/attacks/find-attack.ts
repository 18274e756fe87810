import { TokenmarkError } from "@tokenmark/core";
import type { Attack } from "./attack.ts";

/**
 * The attack of a name.
 *
 * @throws TokenmarkError `bad-argument` with the names that there are.
 */
export function findAttack(name: string, attacks: readonly Attack[]): Attack {
  const found = attacks.find((attack) => attack.name === name);
  if (found !== undefined) return found;
  const names = attacks.map((attack) => attack.name).join(", ");
  throw new TokenmarkError("bad-argument", `attack: wanted one of ${names}, got ${JSON.stringify(name)}`);
}
