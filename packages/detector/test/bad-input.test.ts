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
