import { readFileSync } from "node:fs";
import { createLogitsProcessor } from "@tokenmark/core";
import { randomTokens } from "@tokenmark/testkit";
import { describe, expect, test } from "vitest";
import { readGolden, runCase } from "../src/conformance/run-golden.ts";
import { sglangOperations } from "../src/conformance/sglang-operations.ts";
import { sglangContracts } from "../src/contracts/sglang/contracts.ts";
import { readFields } from "../src/field.ts";
import { failuresOf } from "./golden-files.ts";

const FILE = "engines-sglang.json";
const cases = readGolden(readFileSync(new URL(`vectors/${FILE}`, import.meta.url), "utf8"));
const contract = sglangContracts[0]!;
type Fields = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: answers are changed at any depth.
type Loose = any;

const checked = (parameters: Fields, secrets: Fields) =>
  [
    readFields("parameters", contract.parameters, parameters, "bad-config"),
    readFields("key", contract.secrets, secrets, "bad-key"),
  ] as const;
const schemeOf = (parameters: Fields, secrets: Fields) => contract.create(...checked(parameters, secrets));

describe("golden file engines-sglang.json", () => {
  test(`all ${cases.length} cases pass`, () => {
    expect(cases.length).toBeGreaterThan(0);
    expect(failuresOf(FILE, sglangOperations)).toEqual([]);
  });

  test("a copy with one digit changed fails exactly there", () => {
    for (const [id, change, path] of [
      ["hash-0", (o: Loose) => (o.token_hashes[3] += 1), "output.token_hashes[3]"],
      ["equivalent-keys-0", (o: Loose) => (o.token_hashes[1][2] -= 1), "output.token_hashes[1][2]"],
      ["long-1", (o: Loose) => (o.trace[7][4] += 10), "output.trace[7][4]"],
      ["long-1", (o: Loose) => (o.result.combined.z_score += 1e-4), "output.result.combined.z_score"],
      ["pub-budget", (o: Loose) => (o.result.tokens_examined = 7), "output.result.tokens_examined"],
    ] as const) {
      const golden = structuredClone(cases.find((one) => one.id === id)!);
      change(golden.output);
      expect(runCase(golden, sglangOperations)).toMatchObject({ passed: false, differences: 1, first: { path } });
    }
  });
});

/** How a golden case writes down why a position was left unmarked. */
const LETTERS = { "repeated-context": "r", "short-context": "e", declined: "g", "over-budget": "b" } as const;

describe("scheme and repeat guard write the texts of the golden file", () => {
  const generated = cases.filter(({ output }) => (output as Fields).generated_with !== undefined);
  test("there are some", () => expect(generated.length).toBeGreaterThan(0));

  for (const { id, params, input, output } of generated) {
    test(id, () => {
      const { vocab, logits: recipe, max_probability, key_use, temperature } = (output as Loose).generated_with;
      const { key, key_b = null, ...rest } = params as Fields;
      const scheme = schemeOf({ ...rest, max_probability }, { key, key_b });
      const all = [...(input.prompt as number[])];
      const { length } = all;
      const processor = createLogitsProcessor(scheme, { promptLength: length });
      let use = "";
      for (const wanted of input.tokens as number[]) {
        const position = all.length - length;
        const favourite =
          recipe.kind === "fixture" ? recipe.dominant_token : (position * recipe.mul + recipe.add) % vocab;
        const bias = recipe.kind === "fixture" ? recipe.dominant_bias : recipe.bias;
        const row = Float32Array.from({ length: vocab }, (_, token) => {
          const base = ((token * 37 + position * 17) % recipe.modulus) - 56 + (token === favourite ? bias : 0);
          return base / recipe.denominator / temperature;
        });
        const outcome = processor.mark(row, all);
        use += outcome === "marked" ? (key_use[position] as string) : LETTERS[outcome];
        // Unmarked rows keep the model's favourite, marked ones have nothing else.
        all.push(row.indexOf(Math.max(...row)));
        expect(all.at(-1)).toBe(wanted);
      }
      expect(use).toBe(key_use);
    });
  }
});

describe("the scheme's paths agree", () => {
  const keys = { key: "0123456789abcdef", key_b: "1111222233334444" };
  const scheme = schemeOf({ context_window: 2, mixing_probability: 0.3 }, keys);
  const tokens = randomTokens("paths", 60, 40);

  test("score and scoreAll", () => {
    const out = new Float64Array(60);
    scheme.scoreAll({ tokens, start: 0, promptKnown: true }, out, new Uint32Array(120));
    expect([...out]).toEqual(Array.from(tokens, (token, i) => scheme.score(tokens.subarray(0, i), token)));
    expect(out[0]).toBeNaN();
  });

  test("candidates and dense rows that allow the same tokens", () => {
    for (let i = 1; i < 60; i++) {
      const candidates = [...new Set(randomTokens(`candidates ${i}`, 12, 64))];
      const few = Float32Array.from(candidates, (token) => (token % 7) / 2);
      const dense = new Float32Array(64).fill(Number.NEGATIVE_INFINITY);
      for (const [at, token] of candidates.entries()) dense[token] = few[at]!;
      scheme.process(few, tokens.subarray(0, i), { candidates });
      scheme.process(dense, tokens.subarray(0, i));
      expect(candidates[few.indexOf(0)]).toBe(dense.indexOf(0));
    }
  });
});

describe("SGLang Gumbel", () => {
  test("equivalent keys give the same scores", () => {
    const tokens = randomTokens("sglang", 40, 1000);
    const [one, other] = ["0123456789abcdef", "407fe3f800000001"].map((key) => {
      const scheme = schemeOf({}, { key });
      return Array.from(tokens.subarray(4), (token, i) => scheme.score(tokens.subarray(i, i + 4), token));
    });
    expect(one).toEqual(other);
  });

  test("the first position of a request without prompt is unmarked and unscored", () => {
    const scheme = schemeOf({}, { key: "7" });
    const row = Float32Array.of(1, 2, 3);
    scheme.process(row, []);
    expect([...row]).toEqual([1, 2, 3]);
    expect(scheme.score([], 1)).toBeNaN();
  });

  test("a text without a scoreable position reads as nothing scored, p 1", () => {
    const reading = contract.engineReading!(...checked({}, { key: "1" }), { tokens: [5, 6], prompt: null });
    expect(reading).toMatchObject({ tokensScored: 0, statistic: 0, pValue: 1 });
  });

  test("bad keys and parameters are refused without showing the key", () => {
    expect(() => schemeOf({}, { key: "12345678901234567" })).toThrow(/wanted 1 to 16 hexadecimal digits/);
    expect(() => schemeOf({}, { key: "xyz" })).not.toThrow(/xyz/);
    expect(() => schemeOf({ context_window: 65 }, { key: "1" })).toThrow(/context_window/);
    expect(() => schemeOf({ alpha: 0.1 }, { key: "1" })).toThrow(/unknown field/);
  });
});
