import { gumbel, kgw, type TextTokenizer, unigram } from "@tokenmark/core";
import { detectText, detectTokens, scoreText, scoreTokens } from "@tokenmark/detector";
import { createToySource, testKey, writeToyText } from "@tokenmark/testkit";
import fc from "fast-check";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { byteTokenizer, createWordTokenizer, unitTokenizer, wordPerToken } from "./tokenizers.ts";

const key = testKey("text");
const scheme = gumbel(key, { contextWidth: 2 });
const anyText = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
  fc.string({ unit: fc.constantFrom("é", "日", "😀", "a", " ", "\u{fffd}"), minLength: 1, maxLength: 60 }),
);

test("a text is tested as its ids are, with the prompt encoded by itself", () => {
  const source = createToySource({ seed: "text" });
  const prompt = writeToyText(source, { length: 20, random: seedrandom("prompt") });
  const answer = writeToyText(source, { length: 100, random: seedrandom("answer"), scheme, prompt });
  const text = wordPerToken.decode(answer);
  const tokens = [...prompt, ...answer];
  const facts = { characters: text.length, decodesToText: true };
  expect(detectText(scheme, text, wordPerToken, { prompt: wordPerToken.decode(prompt) })).toEqual({
    ...detectTokens(scheme, tokens, { start: 20, promptKnown: true }),
    ...facts,
  });
  expect(detectText(scheme, text, wordPerToken)).toEqual({ ...detectTokens(scheme, answer), ...facts });
  expect(detectText(scheme, text, wordPerToken, { prompt: "" })).toEqual({
    ...detectTokens(scheme, answer, { promptKnown: true }),
    ...facts,
  });
  expect(scoreText(scheme, text, wordPerToken, { prompt: wordPerToken.decode(prompt) }).tokens[0]).toMatchObject({
    index: 0,
    token: answer[0],
    why: "counted",
  });
});

test("the record says whether the tokenizer gives the very text back", () => {
  const lower = createWordTokenizer((text) => text.toLowerCase());
  expect(detectText(scheme, "The Same", createWordTokenizer()).decodesToText).toBe(true);
  expect(detectText(scheme, "The Same", lower).decodesToText).toBe(false);
});

const tokenizers: readonly [string, TextTokenizer, string][] = [
  ["bytes, without offsets", byteTokenizer, "decoded-prefixes"],
  ["words that lose a leading blank, without offsets", createWordTokenizer(), "decoded-prefixes"],
  ["UTF-16 units, with offsets", unitTokenizer, "tokenizer"],
];

describe.each(tokenizers)("offsets of %s", (_, tokenizer, from) => {
  test("they cover the text without gap or overlap, in order", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { tokens, offsets } = scoreText(scheme, text, tokenizer);
        expect(offsets).toBe(from);
        let at = 0;
        for (const { start, end } of tokens) {
          expect(start).toBe(at);
          expect(end).toBeGreaterThanOrEqual(start);
          at = end;
        }
        expect(at).toBe(text.length);
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

test("a character spread over several tokens belongs to the one that completes it", () => {
  const { tokens } = scoreText(scheme, "é日a", byteTokenizer);
  expect(tokens.map(({ start, end }) => [start, end])).toEqual([
    [0, 0],
    [0, 1],
    [1, 1],
    [1, 1],
    [1, 2],
    [2, 3],
  ]);
});

test("with a tokenizer that normalises, decoded offsets stay inside the text and are called inexact", () => {
  const shouting = createWordTokenizer((text) => text.toUpperCase());
  const { tokens, offsets } = scoreText(unigram(key), "straße und Weg, the rest of it", shouting);
  expect(offsets).toBe("decoded-prefixes-inexact");
  for (const { start, end } of tokens) expect(start >= 0 && start <= end && end <= 30).toBe(true);
});

test("decoding is linear in the text: 2,000 tokens are decoded a few at a time", () => {
  let longest = 0;
  const counting = {
    encode: byteTokenizer.encode,
    decode(tokens: ArrayLike<number>): string {
      longest = Math.max(longest, tokens.length);
      return byteTokenizer.decode(tokens);
    },
  };
  scoreText(scheme, "déjà vu ".repeat(200), counting);
  expect(longest).toBeLessThan(10);
});

test("a run of 3,000 tokens without text costs no more, and the word behind it keeps its blank", () => {
  const words = createWordTokenizer();
  // Special tokens, which decode to nothing: id 0, a run of them before every second word.
  const gapped = (run: number): TextTokenizer & { longest: number } => ({
    longest: 0,
    encode: (text) =>
      Array.from(words.encode(text)).flatMap((id, i) => [...new Array<number>(i % 2 === 0 ? run : 0).fill(0), id + 1]),
    decode(tokens) {
      this.longest = Math.max(this.longest, tokens.length);
      return words.decode(
        Array.from(tokens)
          .filter((id) => id > 0)
          .map((id) => id - 1),
      );
    },
  });
  for (const run of [1, 20, 3000]) {
    const tokenizer = gapped(run);
    const { tokens, offsets } = scoreText(scheme, "one two three four", tokenizer);
    expect(offsets).toBe("decoded-prefixes");
    const visible = tokens.filter(({ token }) => token > 0).map(({ start, end }) => [start, end]);
    expect(visible).toEqual([
      [0, 3],
      [3, 7],
      [7, 13],
      [13, 18],
    ]);
    expect(tokenizer.longest).toBeLessThan(30);
  }
});

test("a tokenizer that holds bytes back until the character is whole gives it to the last of them", () => {
  const holding = {
    encode: byteTokenizer.encode,
    decode: (tokens: ArrayLike<number>) => byteTokenizer.decode(tokens).replaceAll("\u{fffd}", ""),
  };
  const { tokens } = scoreText(scheme, "é日a", holding);
  expect(tokens.map(({ start, end }) => [start, end])).toEqual([
    [0, 0],
    [0, 1],
    [1, 1],
    [1, 1],
    [1, 2],
    [2, 3],
  ]);
});

describe.each([
  ["gumbel", gumbel(key)],
  ["kgw", kgw(key)],
  ["unigram", unigram(key)],
])("scores a token of %s", (_, scored) => {
  const source = createToySource({ vocabularySize: 64, seed: "scores" });
  const tokens = writeToyText(source, { length: 150, random: seedrandom("scores"), scheme: scored });

  test.each([
    { start: 0, promptKnown: false },
    { start: 30, promptKnown: true },
    { start: 30, promptKnown: false },
  ])("those that count add up to the statistic: $start, $promptKnown", (span) => {
    const rows = scoreTokens(scored, tokens, span);
    const detection = detectTokens(scored, tokens, span);
    const of = (why: string) => rows.filter((row) => row.why === why);
    expect([of("counted").length, of("repeated").length, of("unscoreable").length]).toEqual([
      detection.tokensScored,
      detection.tokensRepeated,
      detection.tokensUnscoreable,
    ]);
    expect(of("counted").reduce((sum, { score }) => sum + score!, 0)).toBeCloseTo(detection.statistic, 9);
    rows.forEach((row, i) => {
      expect([row.index, row.token]).toEqual([span.start + i, tokens[span.start + i]]);
      expect(row.counted).toBe(row.why === "counted");
      expect(row.score === null).toBe(row.why === "unscoreable");
      if (row.score !== null) expect(row.evidence!).toBeGreaterThanOrEqual(0);
    });
  });
});

test("evidence is −log₁₀ of a unit's own tail: e⁻ˢ for gumbel, γ for a green token", () => {
  const [, , third] = scoreTokens(scheme, [1, 2, 3]);
  expect(third!.evidence).toBeCloseTo(third!.score! / Math.LN10, 12);
  const list = unigram(key, { gamma: 0.25 });
  for (const { score, evidence } of scoreTokens(list, [1, 2, 3, 4, 5, 6, 7, 8]))
    expect(evidence).toBeCloseTo(score === 1 ? Math.log10(4) : 0, 9);
});
