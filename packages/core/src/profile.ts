import { TokenmarkError } from "./errors.ts";
import type { Key } from "./key.ts";
import { type AnySchemeConfig, parseSchemeConfig, type SchemeRegistry } from "./schemes/scheme-config.ts";
import { checkInteger, checkNumber, checkRecord, show } from "./validate.ts";

/** Which tokenizer and which logits width a mark was made with. */
export interface TokenizerIdentity {
  /** For people: a model's folder or hub name. Not compared. */
  readonly name: string;
  /** Width of the model's logits. */
  readonly vocabularySize: number;
  /** 64 hex digits over vocabulary and behaviour; equal digests encode alike. */
  readonly sha256: string;
}

/** What marked text of a deployment scores, measured; power is computed from it. */
export interface ExpectedScores {
  readonly model: string;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  /** Mean score a scored token. */
  readonly meanScore: number;
  /** Variance of a text's total score per scored token; differences between texts are in it. */
  readonly variance: number;
  /** Scored tokens measured. */
  readonly n: number;
  /** Texts measured, each under a key of its own. */
  readonly texts: number;
}

/**
 * What a deployer publishes to auditors, the key apart: scheme, tokenizer, the key's public id, and the measured
 * alternative if there is one.
 */
export interface Profile {
  readonly format: "tokenmark-profile/1";
  readonly scheme: AnySchemeConfig;
  readonly tokenizer: TokenizerIdentity;
  readonly keyId: string;
  readonly expected?: ExpectedScores;
}

const CODE = "bad-profile";

function checkText(field: string, value: unknown, pattern: RegExp, wanted: string): string {
  if (typeof value !== "string" || !pattern.test(value)) {
    throw new TokenmarkError(CODE, `${field}: wanted ${wanted}, got ${show(value)}`);
  }
  return value;
}

function parseExpected(value: unknown): ExpectedScores {
  const fields = ["model", "temperature", "topP", "topK", "meanScore", "variance", "n", "texts"];
  const given = checkRecord("profile.expected", value, fields, CODE);
  const number = (field: string, min: number, max: number): number =>
    checkNumber(`profile.expected.${field}`, given[field], min, max, { code: CODE });
  return Object.freeze({
    model: checkText("profile.expected.model", given.model, /^[\s\S]+$/, "a non-empty string"),
    temperature: number("temperature", 0, Number.MAX_VALUE),
    topP: number("topP", 0, 1),
    topK: checkInteger("profile.expected.topK", given.topK, 0, Number.MAX_SAFE_INTEGER, CODE),
    meanScore: number("meanScore", -1e12, 1e12),
    variance: number("variance", 0, 1e24),
    n: checkInteger("profile.expected.n", given.n, 1, Number.MAX_SAFE_INTEGER, CODE),
    texts: checkInteger("profile.expected.texts", given.texts, 1, Number.MAX_SAFE_INTEGER, CODE),
  });
}

/**
 * Reads a profile strictly, from its JSON text or the parsed value: unknown fields are refused, since a field that is ignored
 * could be the one that makes a verdict wrong.
 *
 * @throws TokenmarkError `bad-profile`, `bad-config`.
 */
export function parseProfile(value: unknown, options: { readonly registry?: SchemeRegistry } = {}): Profile {
  let parsed = value;
  if (typeof value === "string") {
    try {
      parsed = JSON.parse(value);
    } catch {
      throw new TokenmarkError(CODE, "profile: wanted JSON, got text that does not parse");
    }
  }
  const given = checkRecord("profile", parsed, ["format", "scheme", "tokenizer", "keyId", "expected"], CODE);
  checkText("profile.format", given.format, /^tokenmark-profile\/1$/, '"tokenmark-profile/1"');
  const tokenizer = checkRecord("profile.tokenizer", given.tokenizer, ["name", "vocabularySize", "sha256"], CODE);
  return Object.freeze({
    format: "tokenmark-profile/1" as const,
    scheme: parseSchemeConfig(given.scheme, options),
    tokenizer: Object.freeze({
      name: checkText("profile.tokenizer.name", tokenizer.name, /^[\s\S]*$/, "a string"),
      vocabularySize: checkInteger("profile.tokenizer.vocabularySize", tokenizer.vocabularySize, 1, 2 ** 31 - 1, CODE),
      sha256: checkText("profile.tokenizer.sha256", tokenizer.sha256, /^[0-9a-f]{64}$/, "64 lower-case hex digits"),
    }),
    keyId: checkText("profile.keyId", given.keyId, /^[0-9a-f]{16}$/, "16 lower-case hex digits"),
    ...(given.expected === undefined ? {} : { expected: parseExpected(given.expected) }),
  });
}

/** Makes the profile to publish for a key and scheme. */
export function createProfile(
  parts: {
    readonly scheme: AnySchemeConfig;
    readonly key: Key;
    readonly tokenizer: TokenizerIdentity;
    readonly expected?: ExpectedScores;
  },
  options: { readonly registry?: SchemeRegistry } = {},
): Profile {
  const { scheme, key, tokenizer, expected } = parts;
  return parseProfile(
    {
      format: "tokenmark-profile/1",
      scheme,
      tokenizer,
      keyId: key.id,
      ...(expected === undefined ? {} : { expected }),
    },
    options,
  );
}

/** Refuses a key that is not the profile's: a verdict under the wrong key would read as "no mark". */
export function checkProfileKey(profile: Profile, key: Key): void {
  if (profile.keyId !== key.id) {
    throw new TokenmarkError("key-mismatch", `key: wanted the profile's key ${profile.keyId}, got key ${key.id}`);
  }
}

/** Refuses a tokenizer that is not the profile's: other ids make every text read as unmarked. */
export function checkProfileTokenizer(profile: Profile, tokenizer: TokenizerIdentity): void {
  const { tokenizer: wanted } = profile;
  if (wanted.vocabularySize !== tokenizer.vocabularySize) {
    throw new TokenmarkError(
      "vocabulary-mismatch",
      `vocabularySize: wanted the profile's ${wanted.vocabularySize} (${wanted.name}), got ${tokenizer.vocabularySize} (${tokenizer.name})`,
    );
  }
  if (wanted.sha256 !== tokenizer.sha256) {
    throw new TokenmarkError(
      "tokenizer-mismatch",
      `tokenizer: wanted the profile's ${wanted.name} (sha256 ${wanted.sha256.slice(0, 12)}…), got ${tokenizer.name} (sha256 ${tokenizer.sha256.slice(0, 12)}…)`,
    );
  }
}
