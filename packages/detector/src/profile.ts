import {
  checkProfileKey,
  checkProfileTokenizer,
  createScheme,
  type Key,
  type Profile,
  type SchemeRegistry,
  type TextTokenizer,
  type TokenizerIdentity,
  TokenmarkError,
  type TokenSequence,
  type WatermarkScheme,
} from "@tokenmark/core";
import { checkSequence } from "./argument-check.ts";
import type { Detection } from "./detection.ts";
import { type DetectTextOptions, detectText, type TextDetection } from "./text.ts";
import { type DetectTokensOptions, detectTokens } from "./tokens.ts";

/** A profile, the key that belongs to it, and the tokenizer in use. */
export interface ProfileAccess {
  readonly profile: Profile;
  readonly key: Key;
  /**
   * Identity of the tokenizer that makes or made the ids; compared with the profile's if given, and nothing is compared
   * without it. A tokenizer that carries its own `identity` is compared by it in any case.
   */
  readonly tokenizerIdentity?: TokenizerIdentity | undefined;
  /** Schemes that core does not know. */
  readonly registry?: SchemeRegistry | undefined;
}

/** A token array to test under a profile. */
export interface ProfiledTokens extends ProfileAccess, Omit<DetectTokensOptions, "expected"> {
  readonly tokens: TokenSequence;
}

/** A text to test under a profile. */
export interface ProfiledText extends ProfileAccess, Omit<DetectTextOptions, "expected"> {
  readonly text: string;
  readonly tokenizer: IdentifiedTokenizer;
}

/** A tokenizer that may know which one it is, as the transformers package's does. */
export interface IdentifiedTokenizer extends TextTokenizer {
  readonly identity?: TokenizerIdentity | undefined;
}

/**
 * The scheme of a profile, after checking that the key and, if its identity is given, the tokenizer are the profile's: under
 * another of either, every text would read as unmarked.
 *
 * @throws TokenmarkError `key-mismatch`, `tokenizer-mismatch`, `vocabulary-mismatch`, `bad-config`.
 */
export function schemeOfProfile({ profile, key, tokenizerIdentity, registry }: ProfileAccess): WatermarkScheme {
  checkProfileKey(profile, key);
  if (tokenizerIdentity !== undefined) checkProfileTokenizer(profile, tokenizerIdentity);
  return createScheme(profile.scheme, key, registry === undefined ? {} : { registry });
}

/**
 * Tests tokens or a text as a profile says: its scheme, its tokenizer, and its measured alternative for the power. Of a
 * tokenizer without an identity only this is checked: that its ids, text and prompt, are in the profile's vocabulary.
 *
 * @example
 * const { verdict, power } = detectWithProfile({ profile: parseProfile(json), key, text, tokenizer });
 *
 * @throws TokenmarkError as {@link schemeOfProfile}, `detectTokens` and `detectText`; `vocabulary-mismatch` for a token beyond
 * the profile's vocabulary.
 */
export function detectWithProfile(input: ProfiledText): TextDetection;
export function detectWithProfile(input: ProfiledTokens): Detection;
export function detectWithProfile(input: ProfiledTokens | ProfiledText): Detection {
  const { profile, key, tokenizerIdentity, registry, ...rest } = input;
  const scheme = schemeOfProfile({ profile, key, tokenizerIdentity, registry });
  const { expected } = profile;
  if ("text" in rest) {
    const { text, tokenizer, ...options } = rest;
    if (tokenizer.identity !== undefined) checkProfileTokenizer(profile, tokenizer.identity);
    return detectText(scheme, text, checkedTokenizer(tokenizer, profile), { ...options, expected });
  }
  const { tokens, ...options } = rest;
  checkVocabulary(tokens, profile);
  return detectTokens(scheme, tokens, { ...options, expected });
}

/** The tokenizer, its ids checked: those that a text is tested by are seen nowhere else. */
function checkedTokenizer(tokenizer: TextTokenizer, profile: Profile): TextTokenizer {
  return {
    encode(text) {
      const ids = tokenizer.encode(text);
      checkVocabulary(ids, profile);
      return ids;
    },
    decode: (tokens) => tokenizer.decode(tokens),
  };
}

function checkVocabulary(tokens: TokenSequence, { tokenizer: { name, vocabularySize } }: Profile): void {
  checkSequence("tokens", tokens);
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i]! >= vocabularySize) {
      throw new TokenmarkError(
        "vocabulary-mismatch",
        `tokens[${i}]: wanted an id below the profile's ${vocabularySize} (${name}), got ${tokens[i]}`,
      );
    }
  }
}
