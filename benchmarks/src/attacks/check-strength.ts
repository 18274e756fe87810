import { TokenmarkError } from "@tokenmark/core";

/**
 * Refuses a strength that is no share.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function checkStrength(attack: string, strength: number): void {
  if (typeof strength === "number" && strength >= 0 && strength <= 1) return;
  throw new TokenmarkError(
    "bad-argument",
    `strength of ${attack}: wanted a number from 0 to 1, got ${String(strength)}`,
  );
}
