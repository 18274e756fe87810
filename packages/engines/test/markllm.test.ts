import { readFileSync } from "node:fs";
import { randomTokens } from "@tokenmark/testkit";
import { describe, expect, test } from "vitest";
import type { Json } from "../src/conformance/golden.ts";
import { markllmOperations } from "../src/conformance/markllm-operations.ts";
import { readGolden, runCase } from "../src/conformance/run-golden.ts";
import type { EngineContract } from "../src/contract.ts";
import { markllmContracts } from "../src/contracts/markllm/contracts.ts";
import { markllmLists } from "../src/contracts/markllm/kgw-lists.ts";
import { readFields } from "../src/field.ts";
import { inRandpermHead, randperm, randpermHead } from "../src/generators/torch/draws.ts";
import { torchGenerator } from "../src/generators/torch/mt19937.ts";

const [kgw, exp, gumbel] = markllmContracts as readonly [EngineContract, EngineContract, EngineContract];
const OWN_OPS = new Set(markllmOperations.map(({ op }) => op));

const casesOf = (file: string) =>
  readGolden(readFileSync(new URL(`vectors/${file}`, import.meta.url), "utf8")).filter(({ op }) => OWN_OPS.has(op));
type Values = Record<string, unknown>;
const parametersOf = (contract: EngineContract, given: Values) =>
  readFields("parameters", contract.parameters, given, "bad-config");
const secretsOf = (contract: EngineContract, given: Values) => readFields("key", contract.secrets, given, "bad-key");
const schemeOf = (contract: EngineContract, parameters: Values, secrets: Values = {}) =>
  contract.create(parametersOf(contract, parameters), secretsOf(contract, secrets));
const reading = (contract: EngineContract, parameters: Values, tokens: ArrayLike<number>) =>
  contract.engineReading!(parametersOf(contract, parameters), secretsOf(contract, {}), { tokens, prompt: null });

/** A copy with the leaf at a path changed. */
function changed(value: Json, path: readonly (string | number)[], leaf: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return leaf;
  const copy = structuredClone(value) as Record<string | number, Json>;
  copy[step] = changed(copy[step] as Json, rest, leaf);
  return copy as Json;
}

describe.each([
  ["markllm.json", 8],
  ["exp-gumbel.json", 14],
])("golden file %s", (file, count) => {
  test(`its ${count} cases without SynthID pass`, () => {
    const cases = casesOf(file);
    expect(cases.length).toBe(count);
    expect(cases.map((golden) => runCase(golden, markllmOperations)).filter(({ passed }) => !passed)).toEqual([]);
  });
});

test.each([
  ["markllm.json", "kgw/time/left", ["lists", 1, "f"], 343],
  ["markllm.json", "kgw/min/self", ["flags", 5], 1],
  ["markllm.json", "kgw/skip/left", ["z"], 0.7302967833402214],
  ["exp-gumbel.json", "exp/1", ["sampling", 2, "logits", "seed"], 1007],
  ["exp-gumbel.json", "exp/1", ["sampling", 3, "argmax"], 894],
  ["exp-gumbel.json", "exp/3", ["uniformsOfScoredTokens", 1], 0.9989717473883765],
  ["exp-gumbel.json", "exp_gumbel/1", ["scores", 3], 2.3645056],
  ["exp-gumbel.json", "exp_gumbel/0", ["is_watermarked"], true],
] as const)("in %s a changed digit of %s fails at %j and nowhere else", (file, id, path, leaf) => {
  const golden = casesOf(file).find((one) => one.id === id)!;
  const result = runCase({ ...golden, output: changed(golden.output, path, leaf) }, markllmOperations);
  const expected = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  expect(result).toMatchObject({ passed: false, differences: 1, first: { path: `output${expected}` } });
});

test("an EXP case whose id has no number draws over the logits that it lists, and other ones give another token", () => {
  const golden = { ...casesOf("exp-gumbel.json")[1]!, id: "exp/first" };
  expect(runCase(golden, markllmOperations)).toMatchObject({ passed: true });
  const result = runCase(
    { ...golden, output: changed(golden.output, ["sampling", 2, "logits", "seed"], 1016) },
    markllmOperations,
  );
  expect(result).toMatchObject({ passed: false, first: { path: "output.sampling[2].argmax" } });
});

describe("torch shortcuts", () => {
  test("the head of a permutation and single membership equal the whole permutation", () => {
    for (const [n, k] of [
      [1, 1],
      [7, 7],
      [100, 0],
      [1000, 333],
    ] as const) {
      const generator = torchGenerator(n);
      const head = new Set(randperm(generator, n).subarray(0, k));
      generator.seed(n);
      expect(new Set(randpermHead(generator, n, k))).toEqual(head);
      for (let token = 0; token < n; token++) {
        generator.seed(n);
        expect(inRandpermHead(generator, n, k, token)).toBe(head.has(token));
      }
    }
  });
});

describe("MarkLLM contracts", () => {
  const setting = {
    gamma: 0.5,
    prefixLength: 1,
    vocabSize: 997,
    fScheme: "time" as const,
    windowScheme: "left" as const,
  };

  test("the product of key and f wraps at 64 bits, signed, before the floor modulo", () => {
    for (const hashKey of [15485863n, -7n, 2n ** 62n + 12345n, -(2n ** 63n), 2n ** 63n - 1n]) {
      const lists = markllmLists({ ...setting, hashKey });
      for (let f = 0; f < 997; f++) {
        const rest = BigInt.asIntN(64, hashKey * BigInt(f)) % 997n;
        expect(lists.seedOf(f, 0)).toBe(Number(rest < 0n ? rest + 997n : rest));
      }
    }
  });

  test("a list beyond the memory budget is decided by the walk of one token, as the kept lists are", () => {
    const wide = { ...setting, hashKey: 9n, vocabSize: 12007, gamma: 0.01, windowScheme: "self" as const };
    const lists = markllmLists(wide);
    const left = markllmLists({ ...wide, windowScheme: "left" });
    const generator = torchGenerator(0);
    for (const token of [0, 5, 11999, 12006]) {
      const seed = lists.seedOf(77, token);
      generator.seed(seed);
      expect(lists.isGreen(77, token)).toBe(randpermHead(generator, 12007, lists.size).includes(token));
    }
    const list = new Set(left.list(77));
    for (let token = 0; token < 12007; token++) expect(left.isGreen(77, token)).toBe(list.has(token));
  });

  test("KGW adds the float32 bias to green logits and leaves padded logits alone", () => {
    const scheme = schemeOf(kgw, { vocab_size: 997, delta: 0.1 });
    const logits = Float32Array.from({ length: 1010 }, (_, i) => i / 7);
    const marked = logits.slice();
    scheme.process(marked, [5]);
    for (let i = 0; i < 1010; i++) {
      const green = i < 997 && scheme.score([5], i) === 1;
      expect(marked[i]).toBe(green ? Math.fround(logits[i]! + Math.fround(0.1)) : logits[i]);
    }
  });

  test("contexts of one seed are one unit: by the sum, order does not matter", () => {
    const scheme = schemeOf(kgw, { vocab_size: 997, prefix_length: 2, f_scheme: "additive" });
    const units = new Uint32Array(12);
    scheme.scoreAll({ tokens: [1, 2, 9, 2, 1, 9], start: 0, promptKnown: true }, new Float64Array(6), units);
    expect(units.slice(4, 6)).toEqual(units.slice(10, 12));
  });

  test("EXP cuts logits beyond its vocabulary off, as the engine does, and refuses to choose among none", () => {
    for (const contract of [exp, gumbel]) {
      const scheme = schemeOf(contract, { vocab_size: 100, prefix_length: 1 });
      const logits = new Float32Array(120).fill(-1).fill(50, 100);
      scheme.process(logits, [3]);
      expect(logits.indexOf(logits.reduce((a, b) => Math.max(a, b)))).toBeLessThan(100);
      const beyond = new Float32Array(120).fill(Number.NEGATIVE_INFINITY).fill(1, 100);
      expect(() => scheme.process(beyond, [3])).toThrow(expect.objectContaining({ code: "all-masked" }));
    }
  });

  test("the engine's readings count repeats and print no NaN for a text shorter than the window", () => {
    const repeated = new Array<number>(50).fill(7);
    expect(reading(kgw, { vocab_size: 100 }, repeated)).toMatchObject({ tokensScored: 49, pValue: null });
    expect(Math.abs(reading(kgw, { vocab_size: 100 }, repeated).statistic!)).toBe(7);
    expect(reading(exp, { vocab_size: 100 }, repeated).tokensScored).toBe(46);
    for (const contract of markllmContracts) {
      expect(reading(contract, { vocab_size: 100 }, [3])).toMatchObject({
        tokensScored: 0,
        statistic: null,
        pValue: null,
        marked: null,
      });
    }
  });

  test("bad input is one clear error: id beyond the vocabulary, missing size, empty list, table too large, unknown field", () => {
    for (const contract of markllmContracts) {
      expect(() => reading(contract, { vocab_size: 50 }, [1, 2, 3, 4, 5, 50])).toThrow(
        expect.objectContaining({ code: "vocabulary-mismatch" }),
      );
      expect(() => schemeOf(contract, { vocab_size: 50, prefix_length: 1 }).score([1], 50)).toThrow(
        expect.objectContaining({ code: "vocabulary-mismatch" }),
      );
      expect(() => schemeOf(contract, {})).toThrow(/vocab_size: is missing/);
      expect(() => schemeOf(contract, { vocab_size: 50, depth: 2 })).toThrow(/unknown field "depth"/);
    }
    expect(() => schemeOf(kgw, { vocab_size: 5, gamma: 0.1 })).toThrow(expect.objectContaining({ code: "bad-config" }));
    expect(() => schemeOf(gumbel, { vocab_size: 50257 })).toThrow(/256 MiB/);
    expect(() => schemeOf(kgw, { vocab_size: 5 }, { hash_key: 2 ** 60 })).toThrow(/write it in quotes/);
  });

  test("traps name width, context, seeding and default key, stay few, and try nothing that cannot be", () => {
    const text = { tokens: randomTokens("traps", 60, 1000), prompt: null };
    const codes = (contract: EngineContract, parameters: Values, secrets: Values, of = text) =>
      contract.traps!(parametersOf(contract, parameters), secretsOf(contract, secrets), of).map(({ code }) => code);
    const known = codes(kgw, { vocab_size: 1000, prefix_length: 2 }, { hash_key: "9" });
    expect(new Set(known)).toEqual(
      new Set(["context-width-mismatch", "seeding-mismatch", "vocab-width", "gamma-mismatch", "default-key"]),
    );
    expect(known.length).toBeLessThanOrEqual(25);
    expect(codes(exp, { vocab_size: 1000 }, {})).toEqual([
      ...new Array<string>(2).fill("context-width-mismatch"),
      ...new Array<string>(3).fill("vocab-width"),
    ]);
    expect(codes(gumbel, { vocab_size: 1000 }, { seed: "1" })).toEqual([
      ...new Array<string>(2).fill("context-width-mismatch"),
      "default-key",
    ]);
    expect(codes(kgw, { vocab_size: 2, gamma: 0.5 }, {}, { tokens: Int32Array.of(0, 1), prompt: null })).toContain(
      "context-width-mismatch",
    );
    expect(codes(exp, { vocab_size: 999 }, {})).toEqual(expect.not.arrayContaining(["default-key"]));
  });
});
