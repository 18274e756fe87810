import { TokenmarkError } from "@tokenmark/core";
import type { ModelTokenizer } from "@tokenmark/transformers";
import { chooseModel, openTokenizer } from "../model-choice.ts";

/** Where the mark's tokenizer may be. */
export interface TokenizerFlags {
  /** `--tokenizer`. */
  readonly tokenizer?: string;
  /** `--model`: a suspect that was made from the marked model has its tokenizer. */
  readonly model?: string;
}

/** The one of TOKENMARK_MODEL, else the shipped; null if there is none. */
async function tokenizerAtHand(): Promise<ModelTokenizer | null> {
  try {
    return await openTokenizer(chooseModel({}));
  } catch (error) {
    if (error instanceof TokenmarkError && error.code === "model-not-found") return null;
    throw error;
  }
}

/**
 * Finds the tokenizer that a mark's ids belong to: `--tokenizer`, which has to be it, else the suspect's or the one at hand if they are.
 *
 * @returns null if none of them is: ids that are given still count, texts cannot.
 * @throws TokenmarkError `bad-argument` for another `--tokenizer`, and what loading throws.
 */
export async function findMarkTokenizer(sha256: string, flags: TokenizerFlags): Promise<ModelTokenizer | null> {
  if (flags.tokenizer !== undefined) {
    const named = await openTokenizer(chooseModel({ model: flags.tokenizer }));
    if (named.identity.sha256 === sha256) return named;
    // Not tokenizer-mismatch, whose hint names --model: here that is the suspect.
    throw new TokenmarkError(
      "bad-argument",
      `--tokenizer: wanted the folder of the mark's tokenizer, which the profile names, got ${named.identity.name}`,
    );
  }
  if (flags.model !== undefined) {
    const own = await openTokenizer(chooseModel({ model: flags.model }));
    if (own.identity.sha256 === sha256) return own;
  }
  const atHand = await tokenizerAtHand();
  return atHand?.identity.sha256 === sha256 ? atHand : null;
}
