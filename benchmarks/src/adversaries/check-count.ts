import { TokenmarkError } from "@tokenmark/core";

/** Refuses an argument. */
export function refuseArgument(name: string, wanted: string, got: unknown): never {
  throw new TokenmarkError("bad-argument", `${name}: wanted ${wanted}, got ${String(got)}`);
}

/** Whether a value counts something that is there. */
export const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;

/**
 * Refuses options that are no counts.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function checkCounts(counts: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (!isCount(value)) refuseArgument(name, "an integer of at least 1", value);
  }
}
