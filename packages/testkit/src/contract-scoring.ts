import type { MarkedSpan, WatermarkScheme } from "@tokenmark/core";
import { expect, test } from "vitest";
import { type ContractSubject, randomTokens, scoreSpan, testKey, unitKey } from "./contract-subject.ts";

/** Tests of `score`, `scoreAll` and `componentsAll` against one another and against the declared context rule. */
export function describeScoring({ name, makeScheme, vocabularySize }: ContractSubject): void {
  const scheme = makeScheme(testKey(`${name}/scoring`));
  const { width, prompt, missing, least = 0 } = scheme.context;
  // Four kinds of token: every short context comes up again and again.
  const repetitive = randomTokens("repetitive", 300, 4);
  const varied = randomTokens("varied", 300, vocabularySize);
  const starts = [0, 1, width, width + 3, 40];

  /** What the contract says of one position, through `score` alone. */
  function expectedScore(span: MarkedSpan, position: number): number {
    const seesPrompt = prompt === "included" && span.promptKnown;
    if (prompt === "included" && !span.promptKnown && position < span.start + width) return Number.NaN;
    const context = Array.from(span.tokens).slice(seesPrompt ? 0 : span.start, position);
    return scheme.score(context, span.tokens[position]!);
  }

  for (const promptKnown of [true, false]) {
    test(`scoreAll equals score at each position, for any start, with the prompt ${promptKnown ? "known" : "unknown"}`, () => {
      for (const tokens of [repetitive, varied]) {
        for (const start of starts) {
          const span = { tokens, start, promptKnown };
          const { scores } = scoreSpan(scheme, span);
          expect(Array.from(scores)).toEqual(Array.from(scores, (_, i) => expectedScore(span, start + i)));
        }
      }
    });
  }

  test("scores are finite, and NaN exactly where the context rule marks nothing", () => {
    const { scores } = scoreSpan(scheme, { tokens: varied, start: 0, promptKnown: true });
    const dark = missing === "unmarked" ? width : missing === "short" ? least : 0;
    expect(Array.from(scores, (score) => Number.isFinite(score))).toEqual(Array.from(scores, (_, i) => i >= dark));
  });

  test("tokens before the generated part count only if the scheme includes a known prompt", () => {
    const other = varied.slice();
    other.set(randomTokens("another prompt", 40, vocabularySize));
    for (const promptKnown of [true, false]) {
      const a = scoreSpan(scheme, { tokens: varied, start: 40, promptKnown });
      const b = scoreSpan(scheme, { tokens: other, start: 40, promptKnown });
      const reached = promptKnown && prompt === "included" ? width : 0;
      expect(a.scores.subarray(reached)).toEqual(b.scores.subarray(reached));
      expect(a.units.subarray(2 * reached)).toEqual(b.units.subarray(2 * reached));
      for (let i = 0; i < reached; i++) expect(Number.isFinite(a.scores[i]!)).toBe(true);
    }
  });

  test("the weighted parts of componentsAll sum to the score, and are NaN where it is", () => {
    const { components, nullLaw } = scheme;
    const weights = "weights" in nullLaw ? nullLaw.weights : new Array<number>(components).fill(1);
    expect(weights.length).toBe(components);
    for (const promptKnown of [true, false]) {
      const span = { tokens: varied, start: 20, promptKnown };
      const { scores } = scoreSpan(scheme, span);
      const parts = new Float64Array(scores.length * components).fill(12345);
      scheme.componentsAll(span, parts);
      for (let i = 0; i < scores.length; i++) {
        const row = parts.subarray(i * components, (i + 1) * components);
        if (Number.isNaN(scores[i]!)) expect(row.every(Number.isNaN)).toBe(true);
        else if (nullLaw.family !== "unknown")
          expect(weights.reduce((sum, weight, j) => sum + weight * row[j]!, 0)).toBeCloseTo(scores[i]!, 9);
      }
    }
  });

  test("only the last tokens of a long context are read", () => {
    for (let i = 60; i < 80; i++) {
      expect(scheme.score(varied.subarray(0, i), varied[i]!)).toBe(
        scheme.score(varied.subarray(i - width, i), varied[i]!),
      );
    }
  });

  test(`a context of too few tokens is ${describeMissing(scheme.context)}`, () => {
    for (let have = 0; have < width; have++) {
      const short = Array.from(varied.subarray(0, have));
      const score = scheme.score(short, 5);
      if (missing === "unmarked" || (missing === "short" && have < least)) expect(score).toBeNaN();
      else if (missing === "short") expect(Number.isFinite(score)).toBe(true);
      else expect(score).toBe(scheme.score([...new Array<number>(width - have).fill(missing.pad), ...short], 5));
    }
  });

  describeIdentity(scheme, repetitive, vocabularySize);
}

function describeMissing({ missing, least = 0 }: WatermarkScheme["context"]): string {
  if (missing === "unmarked") return "not scored";
  if (missing === "short") return least === 0 ? "scored as it is" : `scored as it is, from ${least} token on`;
  return `padded with ${missing.pad}`;
}

function describeIdentity(scheme: WatermarkScheme, repetitive: Int32Array, vocabularySize: number): void {
  const { width } = scheme.context;

  test("equal identity and token have equal scores; equal contexts and tokens have equal identities", () => {
    const { scores, units } = scoreSpan(scheme, { tokens: repetitive, start: 0, promptKnown: true });
    const scoreOf = new Map<string, number>();
    const identityOf = new Map<string, string>();
    let repeats = 0;
    for (let i = width; i < scores.length; i++) {
      const identity = unitKey(units, i);
      const evidence = scheme.unit === "ngram" ? identity : `${identity}/${repetitive[i]}`;
      if (scoreOf.has(evidence)) repeats++;
      expect(scoreOf.get(evidence) ?? scores[i]).toBe(scores[i]);
      scoreOf.set(evidence, scores[i]!);
      const seen = `${repetitive.subarray(i - width, i)}/${repetitive[i]}`;
      expect(identityOf.get(seen) ?? identity).toBe(identity);
      identityOf.set(seen, identity);
    }
    if (width < 4) expect(repeats).toBeGreaterThan(0);
  });

  test(
    scheme.unit === "context"
      ? "one context has one identity, whatever the token"
      : "one context with two tokens has two identities",
    () => {
      const context = randomTokens("context", width, vocabularySize);
      const identities = new Set<string>();
      for (let token = 0; token < 50; token++) {
        const tokens = Int32Array.of(...context, token);
        identities.add(unitKey(scoreSpan(scheme, { tokens, start: width, promptKnown: true }).units, 0));
        if (scheme.context.prompt === "excluded") break;
      }
      if (scheme.context.prompt === "included") expect(identities.size).toBe(scheme.unit === "context" ? 1 : 50);
    },
  );

  test("different contexts have different identities, in 1,000 random ones, or share what the hash saw", () => {
    const tokens = randomTokens("contexts", 1000 + width, vocabularySize);
    const { scores, units } = scoreSpan(scheme, { tokens, start: 0, promptKnown: true });
    const scoresOf = new Map<string, Set<number>>();
    for (let i = width; i < scores.length; i++) {
      const key = scheme.unit === "ngram" ? unitKey(units, i) : `${unitKey(units, i)}/${tokens[i]}`;
      scoresOf.set(key, (scoresOf.get(key) ?? new Set()).add(scores[i]!));
    }
    for (const found of scoresOf.values()) expect(found.size).toBe(1);
    // A context-free list has one identity a kind of token; any other scheme has mostly new ones.
    expect(scoresOf.size).toBeGreaterThan(width === 0 ? vocabularySize / 4 : 500);
  });
}
