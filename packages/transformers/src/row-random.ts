import { cryptoRandom, TokenmarkError } from "@tokenmark/core";
import seedrandom from "seedrandom";

/** A seed: a name for one stream of random numbers. 7 and "7" name the same. */
export type Seed = number | string;

/** Where the rows of a batch get their random numbers. */
export interface RandomOptions {
  /**
   * One seed for the batch, or one a row. With one, row 0 draws from the seed itself and row i from `${seed}#${i}`: each row has
   * a stream of its own, whatever else is in the batch. Without seed or `random` the platform's cryptographic generator draws.
   */
  readonly seed?: Seed | readonly Seed[];
  /** A generator of your own, uniform on [0, 1). Rows that share it depend on each other. */
  readonly random?: () => number;
}

/** The seed of one row, or undefined where none was given. */
export function rowSeed(options: RandomOptions, row: number): string | undefined {
  const { seed } = options;
  if (seed === undefined) return undefined;
  if (typeof seed === "object") {
    const own = seed[row];
    if (own === undefined)
      throw new TokenmarkError(
        "bad-argument",
        `seed: wanted one for each row, got ${seed.length} and a row ${row + 1}`,
      );
    return String(own);
  }
  return row === 0 ? String(seed) : `${seed}#${row}`;
}

/** The random numbers of one row. */
export function rowRandom(options: RandomOptions, row: number): () => number {
  if (options.random !== undefined) return options.random;
  const seed = rowSeed(options, row);
  return seed === undefined ? cryptoRandom() : seedrandom(seed);
}
