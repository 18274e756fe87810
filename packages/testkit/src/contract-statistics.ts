import { createLogitsProcessor, type WatermarkScheme } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { expect, test } from "vitest";
import { type ContractSubject, countOnce, randomTokens, scoreSpan, testKey } from "./contract-subject.ts";
import { type LawFacts, lawFacts } from "./law-facts.ts";
import { createToySource } from "./toy-source.ts";
import { writeToyText } from "./toy-text.ts";

const UNITS = 20_000;
const CLEAN_KEYS = 200;
/** Two-sided normal tail at 5: 5.7e-7. */
const FAR = 5;

/** Tests of the declared law and of what the mark does to text. A law "unknown" leaves only the last test. */
export function describeStatistics(subject: ContractSubject): void {
  const { name, makeScheme, vocabularySize, length, leastZ, lawKeys, keyless } = subject;
  const scheme = makeScheme(testKey(`${name}/own`));
  const facts = lawFacts(scheme.nullLaw);
  const source = createToySource({ vocabularySize, seed: "contract" });
  const clean = writeToyText(source, { length, random: seedrandom("clean") });
  const own = writeToyText(source, { length, random: seedrandom("own"), scheme });

  if (facts !== null) {
    test(`mean and variance of ${UNITS} units under ${lawKeys} fresh keys are the declared law's (|z| < ${FAR} each, false alarm 1.2e-6)`, () => {
      const { mean, square } = measure(subject, facts);
      expect(Math.abs(mean)).toBeLessThan(FAR);
      expect(Math.abs(square)).toBeLessThan(FAR);
    });

    test(`it finds its own text of ${length} tokens (z of at least ${leastZ})`, () => {
      expect(zScore(scheme, own, facts)).toBeGreaterThan(leastZ);
    });

    if (!keyless) {
      // One fixed text under one fixed list may be as green as it likes: there is nothing random left.
      test(`an unmarked text is silent under ${CLEAN_KEYS} keys (largest z below ${FAR}, mean z within ${FAR} standard errors)`, () => {
        const zs = Array.from({ length: CLEAN_KEYS }, (_, i) =>
          zScore(makeScheme(testKey(`${name}/clean/${i}`)), clean, facts),
        );
        expect(Math.max(...zs)).toBeLessThan(FAR);
        expect(Math.abs(zs.reduce((sum, z) => sum + z, 0))).toBeLessThan(FAR * Math.sqrt(CLEAN_KEYS));
      });

      test(`a wrong key is silent on its text (|z| < ${FAR})`, () => {
        expect(Math.abs(zScore(makeScheme(testKey(`${name}/wrong`)), own, facts))).toBeLessThan(FAR);
      });
    }
  }

  test("positions without a score are exactly those where the processor marks nothing for want of context", () => {
    const { scores } = scoreSpan(scheme, { tokens: own, start: 0, promptKnown: true });
    const processor = createLogitsProcessor(scheme, { random: seedrandom("positions") });
    for (let i = 0; i < 30; i++) {
      const tokens = own.subarray(0, i);
      const outcome = processor.mark(source.logitsAfter(tokens), tokens);
      expect(Number.isNaN(scores[i]!)).toBe(outcome === "short-context");
    }
  });
}

function zScore(scheme: WatermarkScheme, tokens: Int32Array, { mean, variance }: LawFacts): number {
  const { sum, n } = countOnce(scheme, tokens);
  return n === 0 ? 0 : (sum - n * mean) / Math.sqrt(n * variance);
}

/** How many standard errors the mean and the mean square deviation lie off the law's. */
function measure(
  { makeScheme, name, vocabularySize, lawKeys }: ContractSubject,
  facts: LawFacts,
): { readonly mean: number; readonly square: number } {
  let sum = 0;
  let squares = 0;
  let n = 0;
  for (let i = 0; i < lawKeys; i++) {
    const scheme = makeScheme(testKey(`${name}/law/${i}`));
    const tokens = randomTokens(`law/${i}`, scheme.context.width + UNITS / lawKeys, vocabularySize);
    const { scores } = scoreSpan(scheme, { tokens, start: 0, promptKnown: true });
    for (let j = scheme.context.width; j < scores.length; j++) {
      // A context-free list scores a word once, however often it is drawn.
      if (scheme.context.width === 0 && tokens.indexOf(tokens[j]!) < j) continue;
      sum += scores[j]! - facts.mean;
      squares += (scores[j]! - facts.mean) ** 2 - facts.variance;
      n++;
    }
  }
  // A bit that is fair, or fair to 31 bits, always lies ½ off its mean: no spread, and the sum of squares must agree.
  const isFair = facts.squareVariance < 1e-12;
  const square = !isFair
    ? squares / Math.sqrt(n * facts.squareVariance)
    : Math.abs(squares) < 1e-6
      ? 0
      : Number.POSITIVE_INFINITY;
  return { mean: sum / Math.sqrt(n * facts.variance), square };
}
