import { createProfile, defaultSchemeConfig, gumbel, type SchemeRegistry, TokenmarkError } from "@tokenmark/core";
import { detectText, detectTokens, detectWithProfile, schemeOfProfile } from "@tokenmark/detector";
import { createToySource, testKey, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { expect, test } from "vitest";
import { oddScheme } from "./odd-schemes.ts";
import { wordPerToken } from "./tokenizers.ts";

const key = testKey("profile");
const tokenizer = { name: "toy", vocabularySize: 1024, sha256: "ab".repeat(32) };
const expected = { model: "toy", temperature: 1, topP: 1, topK: 0, meanScore: 2, variance: 2, n: 5000, texts: 50 };
const profile = createProfile({ scheme: defaultSchemeConfig("gumbel"), key, tokenizer, expected });
const source = createToySource({ seed: "profile" });
const marked = writeToyText(source, { length: 150, random: seedrandom("marked"), scheme: gumbel(key) });
const clean = writeToyText(source, { length: 150, random: seedrandom("clean") });

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof TokenmarkError) return error.code;
    throw error;
  }
  return "none";
}

test("it tests tokens with the profile's scheme and its measured alternative", () => {
  expect(detectWithProfile({ profile, key, tokens: marked })).toEqual(detectTokens(gumbel(key), marked, { expected }));
  expect(detectWithProfile({ profile, key, tokens: marked }).verdict).toBe("marked");
  expect(detectWithProfile({ profile, key, tokens: clean }).verdict).toBe("no-evidence");
});

test("it tests a text through the tokenizer, options and prompt handed on", () => {
  const text = wordPerToken.decode(marked);
  const options = { alpha: 1e-3, prompt: wordPerToken.decode([1, 2, 3, 4]) };
  expect(detectWithProfile({ profile, key, text, tokenizer: wordPerToken, ...options })).toEqual(
    detectText(gumbel(key), text, wordPerToken, { ...options, expected }),
  );
  expect(detectWithProfile({ profile, key, tokens: marked, start: 10, promptKnown: true })).toEqual(
    detectTokens(gumbel(key), marked, { start: 10, promptKnown: true, expected }),
  );
});

test("another key, tokenizer, vocabulary or a token beyond it is refused: all would read as unmarked", () => {
  const other = { ...tokenizer, sha256: "cd".repeat(32) };
  const wider = { ...tokenizer, vocabularySize: 2048 };
  expect(codeOf(() => detectWithProfile({ profile, key: testKey("other"), tokens: marked }))).toBe("key-mismatch");
  expect(codeOf(() => detectWithProfile({ profile, key, tokens: marked, tokenizerIdentity: other }))).toBe(
    "tokenizer-mismatch",
  );
  expect(codeOf(() => detectWithProfile({ profile, key, tokens: marked, tokenizerIdentity: wider }))).toBe(
    "vocabulary-mismatch",
  );
  expect(codeOf(() => detectWithProfile({ profile, key, tokens: [5, 1024] }))).toBe("vocabulary-mismatch");
  expect(
    codeOf(() =>
      detectWithProfile({ profile, key, tokens: [5, 1023], tokenizerIdentity: { ...tokenizer, name: "another name" } }),
    ),
  ).toBe("none");
});

test("ids that a tokenizer gives to a text or its prompt are held to the vocabulary as well", () => {
  const words = (tokens: number[]) => wordPerToken.decode(tokens);
  expect(codeOf(() => detectWithProfile({ profile, key, text: words([5, 1023]), tokenizer: wordPerToken }))).toBe(
    "none",
  );
  expect(codeOf(() => detectWithProfile({ profile, key, text: words([5, 1024]), tokenizer: wordPerToken }))).toBe(
    "vocabulary-mismatch",
  );
  const behind = { text: words([5]), prompt: words([1024]) };
  expect(codeOf(() => detectWithProfile({ profile, key, ...behind, tokenizer: wordPerToken }))).toBe(
    "vocabulary-mismatch",
  );
});

test("a tokenizer that knows its identity is compared by it, without being asked to", () => {
  const text = wordPerToken.decode(marked);
  const carrying = (identity: typeof tokenizer) => ({ profile, key, text, tokenizer: { ...wordPerToken, identity } });
  const other = { ...tokenizer, sha256: "cd".repeat(32) };
  expect(codeOf(() => detectWithProfile(carrying(tokenizer)))).toBe("none");
  expect(codeOf(() => detectWithProfile(carrying(other)))).toBe("tokenizer-mismatch");
  expect(codeOf(() => detectWithProfile({ ...carrying(other), tokenizerIdentity: tokenizer }))).toBe(
    "tokenizer-mismatch",
  );
});

test("tokens that are none are refused under a profile too", () => {
  expect(codeOf(() => detectWithProfile({ profile, key, tokens: null as never }))).toBe("bad-argument");
  expect(codeOf(() => detectWithProfile({ profile, key, tokens: new Set([1]) as never }))).toBe("bad-argument");
});

test("a registry's scheme is made through the registry", () => {
  const registry: SchemeRegistry = {
    odd: {
      parse: (config) => config,
      create: (_, own) => oddScheme(own, { context: { width: 1, prompt: "included", missing: "unmarked" } }),
    },
  };
  const odd = createProfile({ scheme: { scheme: "odd" }, key, tokenizer }, { registry });
  expect(schemeOfProfile({ profile: odd, key, registry }).name).toBe("odd");
  expect(detectWithProfile({ profile: odd, key, tokens: clean, registry })).toMatchObject({
    scheme: "odd",
    power: null,
  });
  expect(codeOf(() => detectWithProfile({ profile: odd, key, tokens: clean }))).toBe("bad-config");
});
