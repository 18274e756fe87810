import { gumbel, TokenmarkError, type TokenmarkErrorCode, type TokenSequence } from "@tokenmark/core";
import {
  createDetector,
  detectText,
  detectTokens,
  estimateExpected,
  explainDetection,
  scoreText,
  scoreTokens,
} from "@tokenmark/detector";
import { testKey } from "@tokenmark/testkit";
import { describe, expect, test } from "vitest";
import { oddScheme } from "./odd-schemes.ts";

const key = testKey("bad input");
const scheme = gumbel(key);
const context = { width: 1, prompt: "included", missing: "unmarked" } as const;
const unknown = oddScheme(key, { context, nullLaw: { family: "unknown", why: "its layers share one draw" } });
const bytes = {
  encode: (text: string): TokenSequence => new TextEncoder().encode(text),
  decode: (tokens: TokenSequence): string => new TextDecoder().decode(Uint8Array.from(Array.from(tokens))),
};
const bigints = { ...bytes, encode: (): TokenSequence => untyped([7n]) };
/** What a caller without types may hand over. */
const untyped = (value: unknown): never => value as never;
const expected = { model: "m", temperature: 1, topP: 1, topK: 0, meanScore: 2, variance: 1, n: 10, texts: 2 };
const facts = { model: "m", temperature: 1, topP: 1, topK: 0 };

const refused: readonly [what: string, code: TokenmarkErrorCode, message: RegExp, run: () => unknown][] = [
  ["alpha 0", "bad-argument", /alpha.*strictly between 0 and 1, got 0/, () => detectTokens(scheme, [1], { alpha: 0 })],
  ["alpha 1", "bad-argument", /alpha.*got 1/, () => createDetector(scheme, { alpha: 1 })],
  ["alpha NaN", "bad-argument", /alpha.*got NaN/, () => createDetector(scheme, { alpha: Number.NaN })],
  [
    "a start beyond the text",
    "bad-argument",
    /start.*from 0 to 2.*got 3/,
    () => detectTokens(scheme, [1, 2], { start: 3 }),
  ],
  ["a start between tokens", "bad-argument", /start.*got 0.5/, () => scoreTokens(scheme, [1, 2], { start: 0.5 })],
  ["a negative token", "bad-argument", /tokens\[1\].*got -1/, () => detectTokens(scheme, [1, -1])],
  ["a fractional token", "bad-argument", /tokens\[0\].*got 1.5/, () => detectTokens(scheme, [1.5])],
  ["a NaN token", "bad-argument", /tokens\[0\].*got NaN/, () => detectTokens(scheme, [Number.NaN])],
  ["a token of 2³¹", "bad-argument", /tokens\[0\].*got 2147483648/, () => detectTokens(scheme, [2 ** 31])],
  [
    "a hole in the tokens",
    "bad-argument",
    /tokens\[0\].*got undefined/,
    () => detectTokens(scheme, new Array<number>(1)),
  ],
  ["a bad prompt token", "bad-argument", /prompt\[0\].*got -5/, () => createDetector(scheme, { prompt: [-5] })],
  [
    "a law that nobody knows",
    "bad-argument",
    /odd.*its layers share one draw.*decoy keys/,
    () => detectTokens(unknown, [1, 2]),
  ],
  [
    "a malformed law",
    "bad-argument",
    /malformed null law/,
    () => createDetector(oddScheme(key, { context, nullLaw: { family: "bernoulli", p: 2, weights: [1] } })),
  ],
  [
    "an alternative without a mean",
    "bad-argument",
    /expected.meanScore.*got NaN/,
    () => createDetector(scheme, { expected: { ...expected, meanScore: Number.NaN } }),
  ],
  [
    "an alternative of negative variance",
    "bad-argument",
    /expected.variance.*got -1/,
    () => createDetector(scheme, { expected: { ...expected, variance: -1 } }),
  ],
  [
    "tokens of transformers.js",
    "bad-argument",
    /tokens\[0\].*a number.*got 5n, a bigint: convert ids with Number\(id\)/,
    () => detectTokens(scheme, untyped(new BigInt64Array([5n, 6n]))),
  ],
  [
    "such tokens behind a prompt",
    "bad-argument",
    /tokens\[0\].*got 6n/,
    () => detectTokens(scheme, untyped(new BigInt64Array([5n, 6n])), { start: 1 }),
  ],
  [
    "bigint ids in an array",
    "bad-argument",
    /tokens\[1\].*got 2n/,
    () => createDetector(scheme).push(untyped([1, 2n])),
  ],
  ["a bigint prompt", "bad-argument", /prompt\[0\].*got 1n/, () => createDetector(scheme, { prompt: untyped([1n]) })],
  ["bigint ids from a tokenizer", "bad-argument", /tokens\[0\].*got 7n/, () => detectText(scheme, "a", bigints)],
  [
    "bigint ids of a text prompt",
    "bad-argument",
    /prompt\[0\].*got 7n/,
    () => detectText(scheme, "a", { ...bytes, encode: (t) => (t === "a" ? [1] : untyped([7n])) }, { prompt: "b" }),
  ],
  ["bigint ids to place", "bad-argument", /tokens\[0\].*got 7n/, () => scoreText(scheme, "a", bigints)],
  ["tokens null", "bad-argument", /tokens: wanted an array.*got null/, () => detectTokens(scheme, untyped(null))],
  [
    "no tokens",
    "bad-argument",
    /tokens: wanted an array.*got undefined/,
    () => scoreTokens(scheme, untyped(undefined)),
  ],
  [
    "a set of tokens",
    "bad-argument",
    /tokens: wanted an array.*got an object/,
    () => detectTokens(scheme, untyped(new Set([1]))),
  ],
  ["a set pushed", "bad-argument", /tokens: wanted an array/, () => createDetector(scheme).push(untyped(new Set([1])))],
  [
    "a string of tokens",
    "bad-argument",
    /tokens: wanted an array.*got "12"/,
    () => detectTokens(scheme, untyped("12")),
  ],
  ["half a length", "bad-argument", /tokens: wanted an array/, () => detectTokens(scheme, untyped({ length: 0.5 }))],
  [
    "a prompt null",
    "bad-argument",
    /prompt: wanted an array.*null/,
    () => createDetector(scheme, { prompt: untyped(null) }),
  ],
  [
    "a text prompt null",
    "bad-argument",
    /prompt: wanted a string.*null/,
    () => detectText(scheme, "a", bytes, { prompt: untyped(null) }),
  ],
  [
    "alpha as a string",
    "bad-argument",
    /alpha.*got "0.01"/,
    () => detectTokens(scheme, [1], { alpha: untyped("0.01") }),
  ],
  [
    "no alternative but null",
    "bad-argument",
    /expected: wanted an object, got null/,
    () => createDetector(scheme, { expected: untyped(null) }),
  ],
  [
    "a mean beyond 1e12",
    "bad-argument",
    /expected.meanScore.*got 1e\+301/,
    () => createDetector(scheme, { expected: { ...expected, meanScore: 1e301 } }),
  ],
  ...(["meanScore", "variance", "temperature", "topP", "topK", "n", "texts"] as const).map(
    (field): (typeof refused)[number] => [
      `expected.${field} as a string`,
      "bad-argument",
      new RegExp(`expected.${field}: wanted .*, got "1"`),
      () => createDetector(scheme, { expected: { ...expected, [field]: "1" } }),
    ],
  ),
  ["texts that are none", "bad-argument", /texts: wanted an array/, () => estimateExpected(untyped(null), facts)],
  [
    "a text that is none",
    "bad-argument",
    /texts\[0\].*got sum undefined/,
    () => estimateExpected(untyped([null]), facts),
  ],
  [
    "counts as strings",
    "bad-argument",
    /texts\[0\].*n "2"/,
    () => estimateExpected(untyped([{ sum: 1, n: "2" }]), facts),
  ],
  ["empty text", "empty-text", /text: wanted at least one character/, () => detectText(scheme, "", bytes)],
  ["empty text to score", "empty-text", /text: wanted at least one character/, () => scoreText(scheme, "", bytes)],
  [
    "no string",
    "bad-argument",
    /text: wanted a string, got undefined/,
    () => detectText(scheme, undefined as unknown as string, bytes),
  ],
  [
    "one text to calibrate from",
    "bad-argument",
    /texts.*at least 2.*got 1/,
    () =>
      estimateExpected(
        [
          { sum: 3, n: 2 },
          { sum: 0, n: 0 },
        ],
        facts,
      ),
  ],
  [
    "a NaN sum to calibrate from",
    "bad-argument",
    /texts\[1\].*sum NaN/,
    () =>
      estimateExpected(
        [
          { sum: 3, n: 2 },
          { sum: Number.NaN, n: 2 },
        ],
        facts,
      ),
  ],
];

describe("refused with a TokenmarkError that names the argument", () => {
  test.each(refused)("%s: %s", (_, code, message, run) => {
    let caught: unknown;
    try {
      run();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(TokenmarkError);
    expect((caught as TokenmarkError).code).toBe(code);
    expect((caught as TokenmarkError).message).toMatch(message);
  });
});

test("an infinite score is refused by name, not added up to NaN", () => {
  const infinite = oddScheme(key, { context, score: () => -Math.log(0) });
  expect(() => detectTokens(infinite, [1, 2, 3, 4])).toThrow(
    "scheme: odd scored Infinity over 3 tokens, which its declared null law cannot reach",
  );
  expect(() => scoreTokens(infinite, [1, 2, 3, 4])).toThrow("scheme: odd scored Infinity for tokens[1]");
});

test("a refused push has taken nothing", () => {
  const detector = createDetector(scheme);
  detector.push([1, 2, 3, 4, 5, 6]);
  const before = detector.result();
  expect(() => detector.push([7, 8, -9])).toThrow(TokenmarkError);
  expect(detector.result()).toEqual(before);
});

test("text of three tokens cannot be told, and the sentence says why", () => {
  const detection = detectText(scheme, "abc", bytes);
  expect(detection).toMatchObject({
    verdict: "cannot-tell",
    pValue: 1,
    tokensTotal: 3,
    tokensScored: 0,
    characters: 3,
  });
  expect(explainDetection(detection)).toContain("None of its 3 tokens can be scored");
});

test("text that encodes to no token cannot be told", () => {
  const mute = { encode: () => [], decode: () => "" };
  const detection = detectText(scheme, " ", mute);
  expect(detection).toMatchObject({ verdict: "cannot-tell", pValue: 1, tokensTotal: 0 });
  expect(explainDetection(detection)).toContain("There is no token to test");
});

test("an unknown law still lets tokens be scored, without evidence", () => {
  const rows = scoreTokens(unknown, [1, 2, 3]);
  expect(rows.map(({ evidence, score }) => [evidence, typeof score])).toEqual([
    [null, "object"],
    [null, "number"],
    [null, "number"],
  ]);
});
