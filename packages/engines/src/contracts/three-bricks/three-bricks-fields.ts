import { choiceField, type Field, integer64Field, integerField } from "../../field.ts";
import { SCORINGS, type ThreeBricksScoring } from "./three-bricks-detectors.ts";

/** Where the contract was read. Its licence allows no derived code, so all of this is written from the specification. */
export const THREE_BRICKS_SOURCE =
  "facebookresearch/three_bricks @ ee9c7a286bd1 (2024-02-12), by its specification (CC BY-NC code, not ported); torch 1.13.1";

const MIN_KEY = -(2n ** 63n);
const MAX_KEY = 2n ** 64n - 1n;

/** Public parameters of both methods. */
export const sharedParameters: {
  readonly ngram: Field<number>;
  readonly seeding: Field<"hash">;
  readonly scoring_method: Field<ThreeBricksScoring>;
  readonly payload: Field<number>;
  readonly vocab_size: Field<number>;
} = {
  ngram: integerField(1, 1024, { about: "preceding tokens in the window", fallback: 1 }),
  seeding: choiceField(["hash"], {
    about: "how a window becomes a seed; the other three draw a table from an unseeded generator",
    fallback: "hash",
  }),
  scoring_method: choiceField(SCORINGS, { about: "what the engine's own detector counts once", fallback: "none" }),
  payload: integerField(0, 0xfffffe, { about: "the message, below the vocabulary size", fallback: 0 }),
  vocab_size: integerField(2, 0xffffff, { about: "tokens the lists or uniforms are drawn over" }),
};

/** Secret parameters of both methods. */
export const sharedSecrets: { readonly seed: Field<string>; readonly salt_key: Field<string> } = {
  seed: integer64Field(MIN_KEY, MAX_KEY, { about: "where the window hash starts, the key", fallback: "0" }),
  salt_key: integer64Field(MIN_KEY, MAX_KEY, { about: "multiplier of the window hash", fallback: "35317" }),
};

/** What every deployer must tell. */
export const TOLD_BY_ALL: readonly string[] = Object.freeze([
  "That the seeding is hash: additive, skip and min index a table from torch's global generator at start-up, which nobody can repeat unless it was seeded, and then needs that seed.",
  "The vocabulary size: the tokenizer's for the uniforms, the width of the logits for the lists.",
  "The payload, or how many there are: each other payload that is tried is another test.",
  "Whether the text still holds its prompt.",
]);

/** Facts about both methods. */
export const FACTS_OF_ALL: readonly string[] = Object.freeze([
  "torch takes 32 bits of the seed of a window, so only 4,294,967,296 lists exist, and windows that share those bits share their list.",
  "The window hash is linear in the key and the token ids, modulo 2^64 − 1: no one-way function stands between lists and key.",
  "The default key is seed 0 with salt_key 35317: unless the deployer set others, anybody can read, forge and remove the mark.",
  "Repeated windows are marked again with the same list.",
]);
