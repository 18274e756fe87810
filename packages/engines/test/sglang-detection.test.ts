import { createLogitsProcessor, type WatermarkScheme } from "@tokenmark/core";
import { detectTokens, scoreTokens } from "@tokenmark/detector";
import { createToySource, randomTokens, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import type { EngineReading } from "../src/contract.ts";
import { engineKey, secretsOf } from "../src/engine-key.ts";
import { engineRegistry, findContract } from "../src/registry.ts";

const ID = "sglang-gumbel/murmur3-32";
const contract = findContract(ID);
const KEYS = { key: "0123456789abcdef", key_b: "1111222233334444" };
type Fields = Readonly<Record<string, unknown>>;

const schemeOf = (parameters: Fields, keys: Fields = KEYS): WatermarkScheme =>
  engineRegistry[ID]!.create(parameters, engineKey(contract, keys));
function reading(parameters: Fields, tokens: Int32Array, prompt: Int32Array | null): EngineReading {
  const secrets = secretsOf(contract, engineKey(contract, KEYS));
  return contract.engineReading!(engineRegistry[ID]!.parse(parameters), secrets, { tokens, prompt });
}

const source = createToySource({ vocabularySize: 256, seed: "sglang" });
const prompt = randomTokens("prompt", 9, 256);

describe("SGLang's budget of marked contexts", () => {
  test.each([
    [60, 200],
    [4096, 4600],
  ])(
    "%i: of %i tokens the detector counts the engine's contexts, and none of the unmarked ones behind",
    (most, length) => {
      const parameters = { max_contexts: most };
      const scheme = schemeOf(parameters);
      const text = writeToyText(source, { scheme, length, prompt, random: seedrandom("budget") });
      const joined = Int32Array.of(...prompt, ...text);
      const span = { start: prompt.length, promptKnown: true };
      const ours = detectTokens(scheme, joined, span);
      const engine = reading(parameters, text, prompt);
      expect(ours.tokensScored).toBe(most);
      expect(engine.tokensScored).toBe(most);
      expect(ours.statistic).toBeCloseTo(engine.statistic!, 6);
      if (engine.pValue! > 0) expect(ours.log10PValue).toBeCloseTo(Math.log10(engine.pValue!), 6);

      const rows = scoreTokens(scheme, joined, span);
      const scores = (why: string): readonly number[] =>
        rows.filter((row) => row.why === why).map(({ score }) => score!);
      const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
      const behind = scores("over-budget");
      expect(behind.length).toBeGreaterThan(100);
      expect(mean(scores("counted"))).toBeGreaterThan(2);
      // Exp(1): four standard errors.
      expect(Math.abs(mean(behind) - 1)).toBeLessThan(4 / Math.sqrt(behind.length));
      expect(ours.tokensUnscoreable).toBe(behind.length);
      // Counted all the same, they would only dilute.
      const careless = detectTokens(schemeOf({ max_contexts: 1_000_000 }), joined, span);
      expect(careless.tokensScored).toBe(most + behind.length);
      expect(careless.zScore).toBeLessThan(ours.zScore);
    },
  );

  test("without the prompt's ids both start one window later and stop at the same number", () => {
    const parameters = { max_contexts: 60 };
    const scheme = schemeOf(parameters);
    const text = writeToyText(source, { scheme, length: 200, prompt, random: seedrandom("no prompt") });
    const [ours, engine] = [detectTokens(scheme, text), reading(parameters, text, null)];
    expect(ours.tokensScored).toBe(engine.tokensScored);
    expect(ours.statistic).toBeCloseTo(engine.statistic!, 9);
    expect(ours.log10PValue).toBeCloseTo(Math.log10(engine.pValue!), 6);
  });
});

describe("SGLang's probability gate", () => {
  // Few kinds and strong habits: contexts come again, and about half of the positions are predictable.
  const habits = createToySource({ vocabularySize: 12, seed: "habits", context: 3 });
  const parameters = { max_probability: 0.5, context_window: 2, max_contexts: 40 };

  test("leaves gated positions to the model and their contexts unspent, as a plain rewriting of the engine's rule does", () => {
    const scheme = schemeOf(parameters);
    const random = seedrandom("gate");
    const processor = createLogitsProcessor(scheme, { promptLength: prompt.length });
    const tokens = Array.from(prompt, (token) => token % 12);
    const marked = new Set<string>();
    const counts: Record<string, number> = {};
    let revived = 0;
    const gatedOnce = new Set<string>();
    for (let i = 0; i < 400; i++) {
      const logits = habits.logitsAfter(tokens);
      // A temperature of the moment, so that one context is gated at one time and not at another.
      const heat = 0.1 + 1.2 * random();
      for (let t = 0; t < 12; t++) logits[t]! *= heat;
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      const likeliest = Math.exp(Math.max(...logits)) / total;
      const context = tokens.slice(-2).join();
      const wanted = marked.has(context)
        ? "repeated-context"
        : marked.size >= 40
          ? "over-budget"
          : likeliest > 0.5
            ? "declined"
            : "marked";
      const before = logits.slice();
      const outcome = processor.mark(logits, tokens);
      expect(outcome).toBe(wanted);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      if (outcome === "marked") {
        marked.add(context);
        if (gatedOnce.has(context)) revived++;
        tokens.push(logits.indexOf(0));
        continue;
      }
      expect(logits).toEqual(before);
      if (outcome === "declined") gatedOnce.add(context);
      let rest = random() * total;
      tokens.push(
        before.findIndex((logit) => {
          rest -= Math.exp(logit);
          return rest < 0;
        }),
      );
    }
    expect(counts.marked).toBe(40);
    for (const outcome of ["declined", "repeated-context", "over-budget"]) expect(counts[outcome]).toBeGreaterThan(10);
    // Contexts that were gated first and marked when they came again.
    expect(revived).toBeGreaterThan(4);
  });

  test("dilutes the evidence: gated positions score like noise, the others carry the mark, and the engine reads the same", () => {
    const gated = { ...parameters, max_contexts: 4096, max_probability: 0.2 };
    const scheme = schemeOf(gated);
    const text = writeToyText(source, { scheme, length: 400, prompt, random: seedrandom("dilution") });
    const joined = Int32Array.of(...prompt, ...text);
    const ours = detectTokens(scheme, joined, { start: prompt.length, promptKnown: true, dropPromptUnits: false });
    const engine = reading(gated, text, prompt);
    expect(ours.tokensScored).toBe(engine.tokensScored);
    expect(ours.statistic).toBeCloseTo(engine.statistic!, 6);
    expect(ours.verdict).toBe("marked");
    let [noise, gatedCount] = [0, 0];
    for (const { index, score, counted } of scoreTokens(scheme, joined, { start: prompt.length, promptKnown: true })) {
      const logits = source.logitsAfter(joined.subarray(0, index));
      if (!counted || !scheme.declines!(logits)) continue;
      noise += score!;
      gatedCount++;
    }
    expect(gatedCount).toBeGreaterThan(30);
    expect(Math.abs(noise / gatedCount - 1)).toBeLessThan(4 / Math.sqrt(gatedCount));
  });

  test("bad logits are refused, not declined", () => {
    const scheme = schemeOf(parameters);
    const processor = createLogitsProcessor(scheme, { promptLength: 1 });
    for (const [code, bad] of [
      ["nan-logits", Float32Array.of(9, Number.NaN)],
      ["nan-logits", Float32Array.of(9, Number.POSITIVE_INFINITY)],
      ["all-masked", new Float32Array(2).fill(Number.NEGATIVE_INFINITY)],
      ["bad-logits", new Float32Array(0)],
    ] as const) {
      expect(() => processor.mark(bad, [1])).toThrow(expect.objectContaining({ code }));
    }
    const alone = Float32Array.of(Number.NEGATIVE_INFINITY, 3);
    expect(processor.mark(alone, [1])).toBe("declined");
    expect(alone[1]).toBe(3);
  });
});

test("false alarms stay at alpha with budget and gate: of 4,000 unmarked texts, each under keys of its own, 40 are expected at .01, at most 63 allowed", () => {
  // Binomial(4000, .01) exceeds 63 with a probability of 2e-4 and stays below 20 with one of 1e-4.
  const clean = createToySource({ vocabularySize: 40, seed: "clean" });
  const random = seedrandom("clean");
  const hex = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .concat(Math.floor(random() * 2 ** 32).toString(16));
  let alarms = 0;
  for (let i = 0; i < 4000; i++) {
    const text = writeToyText(clean, { length: 80, random });
    const scheme = schemeOf(
      { max_contexts: 50, max_probability: 0.6, context_window: 2 },
      { key: hex().slice(0, 16), key_b: hex().slice(0, 16) },
    );
    const { pValue, tokensScored } = detectTokens(scheme, text, { promptKnown: true });
    expect(tokensScored).toBeLessThanOrEqual(50);
    if (pValue <= 0.01) alarms++;
  }
  expect(alarms).toBeLessThanOrEqual(63);
  expect(alarms).toBeGreaterThanOrEqual(20);
});
