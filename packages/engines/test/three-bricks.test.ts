import { readFileSync } from "node:fs";
import { randomTokens } from "@tokenmark/testkit";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../src/conformance/golden.ts";
import { readGolden, runCase } from "../src/conformance/run-golden.ts";
import { threeBricksOperations } from "../src/conformance/three-bricks-operations.ts";
import type { EngineContract, EngineText } from "../src/contract.ts";
import { threeBricksContracts } from "../src/contracts/three-bricks/contracts.ts";
import { scoredPositions, threeBricksP } from "../src/contracts/three-bricks/three-bricks-detectors.ts";
import { windowLists } from "../src/contracts/three-bricks/three-bricks-draws.ts";
import { windowSeed } from "../src/contracts/three-bricks/window-seed.ts";
import { readFields } from "../src/field.ts";
import { failuresOf } from "./golden-files.ts";

const FILE = "three-bricks.json";
const cases = readGolden(readFileSync(new URL(`vectors/${FILE}`, import.meta.url), "utf8"));
const [maryland, openai] = threeBricksContracts as readonly [EngineContract, EngineContract];

type Values = Record<string, unknown>;
const parametersOf = (contract: EngineContract, given: Values) =>
  readFields("parameters", contract.parameters, given, "bad-config");
const secretsOf = (contract: EngineContract, given: Values) => readFields("key", contract.secrets, given, "bad-key");
const schemeOf = (contract: EngineContract, parameters: Values, secrets: Values = {}) =>
  contract.create(parametersOf(contract, parameters), secretsOf(contract, secrets));
const reading = (contract: EngineContract, parameters: Values, tokens: ArrayLike<number>) =>
  contract.engineReading!(parametersOf(contract, parameters), secretsOf(contract, {}), { tokens, prompt: null });

describe("golden file three-bricks.json", () => {
  test(`all ${cases.length} cases pass`, () => {
    expect(cases.length).toBeGreaterThan(0);
    expect(failuresOf(FILE, threeBricksOperations)).toEqual([]);
  });

  test("a copy with one digit changed fails exactly there, in every leaf, the seeds beside the output too", () => {
    const [first] = cases;
    const output = first!.output as Readonly<Record<string, JsonObject>>;
    let leaves = 0;
    for (const [name, fields] of Object.entries(output)) {
      for (const [field, value] of Object.entries(fields)) {
        leaves++;
        const wrong = Number.isInteger(value) ? (value as number) + 1 : (value as number) * 1.001;
        const changed = { ...first!, output: { ...output, [name]: { ...fields, [field]: wrong } } };
        expect(runCase(changed, threeBricksOperations)).toMatchObject({
          passed: false,
          differences: 1,
          first: { path: `output.${name}.${field}` },
        });
      }
    }
    expect(leaves).toBe(36);
    expect(runCase({ ...first!, seeds: ["79", "134", "318"] }, threeBricksOperations)).toMatchObject({
      passed: false,
      differences: 1,
      first: { path: "output.seeds[2]" },
    });
  });
});

describe("Three Bricks contracts", () => {
  test("the window hash equals its definition in whole numbers, for any key, multiplier and id", () => {
    const modulus = 2n ** 64n - 1n;
    for (const key of [0n, 1n, -1n, 12345n, modulus, modulus - 1n, 2n ** 63n, -(2n ** 63n)]) {
      for (const salt of [35317n, 1n, modulus - 1n, -3n, 2n ** 48n + 17n]) {
        const hash = windowSeed(key, salt);
        const tokens = [...randomTokens(`hash/${key}/${salt}`, 20, 0xffffff), 0, 0, 1];
        for (let from = 0; from + 4 <= tokens.length; from++) {
          let seed = ((key % modulus) + modulus) % modulus;
          for (const id of tokens.slice(from, from + 4)) {
            seed = (((seed * salt + BigInt(id)) % modulus) + modulus) % modulus;
          }
          hash.load(tokens, from, 4);
          expect((BigInt(hash.high32()) << 32n) | BigInt(hash.low32())).toBe(seed);
        }
      }
    }
  });

  test("the walk of one token and the kept list agree, and a payload shifts the list down", () => {
    const base = { seed: 5n, saltKey: 35317n, ngram: 1, vocabSize: 300, payload: 0 };
    const plain = windowLists(base, 0.3);
    const shifted = windowLists({ ...base, payload: 40 }, 0.3);
    for (const lists of [plain, shifted]) lists.seed([9], 0, 1);
    for (let token = 0; token < 300; token++) {
      expect(plain.isListed(token)).toBe(plain.isGreen(token));
      expect(shifted.isGreen(token)).toBe(plain.isGreen((token + 40) % 300));
    }
  });

  test("scoring starts one late and leaves repeats out: none, by window, by window and token", () => {
    const tokens = [1, 1, 1, 2, 1, 1, 1, 3];
    expect(scoredPositions(tokens, 1, "none")).toEqual([2, 3, 4, 5, 6, 7]);
    expect(scoredPositions(tokens, 1, "v1")).toEqual([2, 4]);
    expect(scoredPositions(tokens, 1, "v2")).toEqual([2, 3, 4, 7]);
    expect(scoredPositions([1, 2], 1, "none")).toEqual([]);
  });

  test("the engine's p keeps its quirks: NaN for no green token, never below 1e-200", () => {
    expect(threeBricksP("maryland", 0, 10, 0.5)).toBeNaN();
    expect(threeBricksP("maryland", 2000, 2000, 0.5)).toBe(1e-200);
    expect(threeBricksP("openai", 5000, 1000, 0.5)).toBe(1e-200);
    for (const method of ["maryland", "marylandz", "openai", "openaiz"] as const) {
      expect(threeBricksP(method, 0, 0, 0.5)).toBeNaN();
    }
  });

  test("a reading has no NaN: no text, a text as short as its window, no green token", () => {
    for (const contract of threeBricksContracts) {
      for (const tokens of [[], [1], [1, 2]]) {
        expect(reading(contract, { vocab_size: 50 }, tokens)).toMatchObject({
          tokensScored: 0,
          statistic: null,
          pValue: null,
        });
      }
    }
    const scheme = schemeOf(maryland, { vocab_size: 50 });
    const red = Array.from({ length: 50 }, (_, token) => token).find((token) => scheme.score([token], token) === 0)!;
    expect(reading(maryland, { vocab_size: 50 }, [red, red, red, red])).toMatchObject({
      tokensScored: 2,
      statistic: 0,
      pValue: null,
    });
  });

  test("the reading counts what its scoring method says", () => {
    const tokens = [1, 1, 1, 2, 1, 1, 1, 3];
    for (const [scoring_method, count] of [
      ["none", 6],
      ["v1", 2],
      ["v2", 4],
    ] as const) {
      for (const contract of threeBricksContracts) {
        expect(reading(contract, { vocab_size: 50, scoring_method }, tokens).tokensScored).toBe(count);
      }
    }
  });

  test("bad input is one clear error: id beyond the vocabulary, unseeded table, payload without a place, empty list", () => {
    for (const contract of threeBricksContracts) {
      expect(() => reading(contract, { vocab_size: 50 }, [1, 2, 3, 50])).toThrow(
        expect.objectContaining({ code: "vocabulary-mismatch" }),
      );
      expect(() => schemeOf(contract, { vocab_size: 50 }).score([1], 50)).toThrow(
        expect.objectContaining({ code: "vocabulary-mismatch" }),
      );
      expect(() => schemeOf(contract, {})).toThrow(/vocab_size: is missing/);
      expect(() => schemeOf(contract, { vocab_size: 50, seeding: "minhash" })).toThrow(/seeding: wanted one of hash/);
      expect(() => schemeOf(contract, { vocab_size: 50, payload: 50 })).toThrow(/payload: wanted one below/);
      expect(() => schemeOf(contract, { vocab_size: 50 }, { seed: 2 ** 60 })).toThrow(/write it in quotes/);
    }
    expect(() => schemeOf(maryland, { vocab_size: 5, gamma: 0.1 })).toThrow(
      expect.objectContaining({ code: "bad-config" }),
    );
  });

  test("traps name window, message, width, share and default key, the window first, and stay few", () => {
    const text: EngineText = { tokens: randomTokens("traps", 60, 1000), prompt: null };
    const trapsOf = (contract: EngineContract, parameters: Values, of: EngineText = text) =>
      contract.traps!(parametersOf(contract, parameters), secretsOf(contract, { seed: "9" }), of).map(
        ({ code }) => code,
      );
    const shared = ["context-width-mismatch", "payload-mismatch", "vocab-width"];
    expect(new Set(trapsOf(maryland, { vocab_size: 1000 }))).toEqual(
      new Set([...shared, "default-key", "gamma-mismatch"]),
    );
    expect(new Set(trapsOf(openai, { vocab_size: 1000, ngram: 2 }))).toEqual(new Set([...shared, "default-key"]));
    for (const contract of threeBricksContracts) {
      expect(trapsOf(contract, { vocab_size: 1000 }).length).toBeLessThanOrEqual(25);
      expect(trapsOf(contract, { vocab_size: 1000 })[0]).toBe("context-width-mismatch");
      const wide: EngineText = { tokens: [1003, 4], prompt: null };
      expect(new Set(trapsOf(contract, { vocab_size: 1000 }, wide))).toEqual(new Set(["vocab-width"]));
    }
  });
});
