import { createLogitsProcessor, gumbel, kgw, synthid, unigram, type WatermarkScheme } from "@tokenmark/core";
import { createDetector, detectTokens, scoreTokens } from "@tokenmark/detector";
import { createToySource, randomTokens, testKey, writeToyText } from "@tokenmark/testkit";
import fc from "fast-check";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { oddScheme } from "./odd-schemes.ts";

const key = testKey("prompt");
const source = createToySource({ seed: "prompt" });
const clean = writeToyText(source, { length: 200, random: seedrandom("clean") });
const join = (...parts: Int32Array[]): number[] => parts.flatMap((part) => Array.from(part));
const marked = (scheme: WatermarkScheme, length: number, prompt: Int32Array, seed: string): Int32Array =>
  writeToyText(source, { length, prompt, scheme, random: seedrandom(seed) });

describe.each([
  ["gumbel", gumbel(key)],
  ["synthid", synthid(key)],
  ["kgw", kgw(key)],
])("%s", (_, scheme) => {
  const { width } = scheme.context;
  const prompt = writeToyText(source, { length: 30, random: seedrandom("prompt") });
  const answer = marked(scheme, 200, prompt, "answer");

  test("with the prompt known every generated token is scored; with it unknown the first few cannot be", () => {
    const known = detectTokens(scheme, join(prompt, answer), { start: 30, promptKnown: true });
    const unknown = detectTokens(scheme, answer);
    expect(known.tokensUnscoreable).toBe(0);
    expect(unknown.tokensUnscoreable).toBe(width);
    expect(known.tokensTotal).toBe(200);
    expect(known.verdict).toBe("marked");
    expect(unknown.verdict).toBe("marked");
  });

  test("tokens before the start are ignored when they are not the prompt", () => {
    expect(detectTokens(scheme, join(clean, answer), { start: 200 })).toEqual(detectTokens(scheme, answer));
  });

  test("a prompt known to be empty is scored like the beginning of everything", () => {
    const { tokensUnscoreable } = detectTokens(scheme, answer, { promptKnown: true });
    expect(tokensUnscoreable).toBe(width);
  });

  test("a marked prompt is no evidence about the clean text after it", () => {
    const tokens = join(marked(scheme, 300, new Int32Array(0), "marked prompt"), clean);
    expect(detectTokens(scheme, tokens, { start: 300, promptKnown: true }).pValue).toBeGreaterThan(0.001);
  });

  test("a marked prompt quoted back is no evidence either, unless the caller says that the prompt held no marked text", () => {
    const quoted = marked(scheme, 300, new Int32Array(0), "quoted");
    const tokens = join(quoted, quoted);
    const dropped = detectTokens(scheme, tokens, { start: 300, promptKnown: true });
    expect(dropped.tokensScored).toBeLessThanOrEqual(width);
    expect(dropped.verdict).toBe("cannot-tell");
    const counted = detectTokens(scheme, tokens, { start: 300, promptKnown: true, dropPromptUnits: false });
    expect(counted.verdict).toBe("marked");
  });
});

test("unigram drops the words of a known prompt", () => {
  const scheme = unigram(key);
  const { tokensScored } = detectTokens(scheme, [1, 2, 3, 3, 4, 5, 1], { start: 3, promptKnown: true });
  expect(tokensScored).toBe(2);
});

test("a scheme that excludes the prompt reads no context across the boundary, known prompt or not", () => {
  const scheme = oddScheme(key, { context: { width: 3, prompt: "excluded", missing: { pad: -1 } } });
  const prompt = randomTokens("excluded prompt", 20, 5000);
  const answer = randomTokens("excluded answer", 50, 5000);
  const span = { start: 20, promptKnown: true };
  const counted = detectTokens(scheme, join(prompt, answer), { ...span, dropPromptUnits: false });
  expect(counted).toEqual(detectTokens(scheme, answer));
  expect(counted.tokensScored).toBe(50);
  // All padding before the first token, as before the prompt's: an answer that quotes the prompt from its start depends on it.
  expect(detectTokens(scheme, join(prompt, answer), span).tokensScored).toBe(49);
  expect(detectTokens(scheme, join(prompt, prompt), span).tokensScored).toBe(0);
});

describe.each([
  ["padded", { pad: 0 }],
  ["short", "short"],
] as const)("with %s contexts at the beginning", (_, missing) => {
  test("the detector counts just the tokens that a generator whose guard reads the prompt marks", () => {
    const rule = { width: 2, prompt: "included", missing } as const;
    const scheme = oddScheme(key, { context: rule });
    const guarded = {
      ...scheme,
      repeats: { kind: "contexts", scope: "all", history: null, counts: "positions" },
    } as const;
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 }), { maxLength: 40 }), fc.nat({ max: 8 }), (tokens, cut) => {
        const start = Math.min(cut, tokens.length);
        const processor = createLogitsProcessor(guarded, { promptLength: start });
        const marked = tokens
          .map((_, i) => i)
          .slice(start)
          .filter((i) => processor.mark(new Float32Array(3), tokens.slice(0, i)) === "marked");
        const rows = scoreTokens(scheme, tokens, { start, promptKnown: true });
        expect(rows.filter(({ counted }) => counted).map(({ index }) => index)).toEqual(marked);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

test("the incremental detector takes the prompt beforehand", () => {
  const scheme = gumbel(key);
  const detector = createDetector(scheme, { prompt: clean.subarray(0, 50) });
  detector.push(clean.subarray(50));
  expect(detector.result()).toEqual(detectTokens(scheme, clean, { start: 50, promptKnown: true }));
});
