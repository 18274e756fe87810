import { checkProfileTokenizer, type Profile, type TokenizerIdentity, TokenmarkError } from "@tokenmark/core";
import {
  checkServerTokenizer,
  connect,
  type ServerFacts,
  type ServerSource,
  serverTokenizerIdentity,
} from "@tokenmark/logit-api";
import type { ModelTokenizer } from "@tokenmark/transformers";
import { given } from "../given.ts";
import { chooseModel, type ModelOptions, openTokenizer } from "../model-choice.ts";
import { note } from "../write-output.ts";
import { type ApiFlags, connectOptions } from "./api-options.ts";

/** A server that can be asked, and what its tokens are. */
export interface OpenServer {
  readonly source: ServerSource;
  readonly facts: ServerFacts;
  /** Null where neither the server nor a tokenizer at hand says. */
  readonly identity: TokenizerIdentity | null;
}

/** The tokenizer that `--model` or TOKENMARK_MODEL names; else the shipped model's, if the profile is for it. */
async function tokenizerAtHand(flags: ModelOptions, profile: Profile | undefined): Promise<ModelTokenizer | undefined> {
  const named = flags.model !== undefined || Boolean(process.env.TOKENMARK_MODEL);
  if (!named && profile === undefined) return undefined;
  const tokenizer = await openTokenizer(chooseModel(flags));
  if (!named) return tokenizer.identity.sha256 === profile?.tokenizer.sha256 ? tokenizer : undefined;
  if (profile !== undefined) checkProfileTokenizer(profile, tokenizer.identity);
  return tokenizer;
}

function checkWidth({ address }: ServerSource, { vocabularySize }: ServerFacts, wanted: TokenizerIdentity): void {
  if (vocabularySize === null || vocabularySize === wanted.vocabularySize) return;
  throw new TokenmarkError(
    "vocabulary-mismatch",
    `vocabularySize: wanted ${wanted.vocabularySize} (${wanted.name}), got ${vocabularySize} from the server ${address}, which serves another model`,
  );
}

/** What the tokens are called in a receipt, and whether they are the profile's as far as that can be found out. */
async function identify(
  source: ServerSource,
  facts: ServerFacts,
  tokenizer: ModelTokenizer | undefined,
  profile: Profile | undefined,
  signal: AbortSignal,
): Promise<TokenizerIdentity | null> {
  const wanted = tokenizer?.identity ?? profile?.tokenizer;
  if (tokenizer === undefined && facts.vocabularySize === null) {
    if (wanted !== undefined) {
      note(
        `tokenmark: the profile's tokenizer (${wanted.name}) is not at hand and the server tells nothing of its own, so nothing is compared; --model DIR compares them`,
      );
    }
    return wanted ?? null;
  }
  if (wanted === undefined) return serverTokenizerIdentity(source, { signal });
  checkWidth(source, facts, wanted);
  if (tokenizer !== undefined) await checkServerTokenizer(source, tokenizer, { signal });
  else if ((await serverTokenizerIdentity(source, { signal })).sha256 !== wanted.sha256) {
    note(
      `tokenmark: the profile's tokenizer (${wanted.name}) is not at hand, so of the server's only the size is compared; --model DIR compares them`,
    );
  }
  return wanted;
}

/**
 * Connects to the server of the flags and compares its tokenizer with the profile's.
 *
 * @throws TokenmarkError what `connect` and `checkServerTokenizer` throw; `vocabulary-mismatch`, `tokenizer-mismatch`.
 */
export async function openServer(
  flags: ApiFlags & ModelOptions,
  profile: Profile | undefined,
  signal: AbortSignal,
): Promise<OpenServer> {
  const tokenizer = await tokenizerAtHand(flags, profile);
  const source = await connect({ ...connectOptions(flags), ...given({ tokenizer }) }, { signal });
  const facts = await source.facts({ signal });
  return { source, facts, identity: await identify(source, facts, tokenizer, profile, signal) };
}
