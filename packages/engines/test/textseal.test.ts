import { readFileSync } from "node:fs";
import type { WatermarkScheme } from "@tokenmark/core";
import { detectTokens, diagnose } from "@tokenmark/detector";
import { createToySource, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../src/conformance/golden.ts";
import { readGolden, runCase } from "../src/conformance/run-golden.ts";
import { textsealOperations } from "../src/conformance/textseal-operations.ts";
import { vllmDraftOperations } from "../src/conformance/vllm-draft-operations.ts";
import { textsealHash } from "../src/contracts/textseal/textseal-hash.ts";
import { engineKey, secretsOf } from "../src/engine-key.ts";
import { engineContracts, engineRegistry, findContract } from "../src/registry.ts";
import { failuresOf } from "./golden-files.ts";

const DUAL = "textseal-dual/v0.2";

describe("golden files", () => {
  it("engines-textseal.json passes", () => {
    expect(failuresOf("engines-textseal.json", textsealOperations)).toEqual([]);
  });

  it("engines-vllm-drafts.json passes", () => {
    expect(failuresOf("engines-vllm-drafts.json", vllmDraftOperations)).toEqual([]);
  });

  it("fail at the very leaf where a number was changed", () => {
    const cases = readGolden(readFileSync(new URL("vectors/engines-textseal.json", import.meta.url), "utf8"));
    for (const golden of cases.filter(({ op }) => op === "textseal_localise")) {
      const output = { ...(golden.output as JsonObject), num_windows: 1 };
      expect(runCase({ ...golden, output }, textsealOperations)).toMatchObject({
        differences: 1,
        first: { path: "output.num_windows" },
      });
    }
  });
});

function schemeOf(id: string, parameters: Record<string, unknown>, secrets: Record<string, unknown>): WatermarkScheme {
  return engineRegistry[id]!.create(parameters, engineKey(findContract(id), secrets));
}

describe("TextSeal", () => {
  it("hashes as its formula says, in bigints", () => {
    const random = seedrandom("textseal");
    const places = [10000019n, 10000247n, 10000439n];
    for (let i = 0; i < 300; i++) {
      const ids = Array.from({ length: 4 }, () => Math.floor(random() * 200_000));
      const key = BigInt(Math.floor(random() * 2 ** 40)) - 2n ** 39n;
      const hash = textsealHash(key);
      hash.load(ids, 0, 3);
      let x = places.reduce(
        (sum, place, at) => sum + place * BigInt(ids[at]!),
        100000007n * BigInt(ids[3]!) + 500001713n * key,
      );
      x = BigInt.asIntN(64, BigInt.asIntN(64, x) * 15485863n * 40499n);
      x ^= x >> 13n;
      expect(hash.hash(ids[3]!)).toBe(Number(((x % 8191n) + 8191n) % 8191n));
    }
  });

  it("windows that agree for every token are one unit, though their ids differ", () => {
    const scheme = schemeOf("textseal-gumbelmax/v0.1", { ngram: 3 }, { key: "42" });
    const [a, b] = [
      [195856, 48227, 8918, 777],
      [195840, 48262, 8899, 777],
    ].map((tokens) => {
      const units = new Uint32Array(8);
      scheme.scoreAll({ tokens, start: 0, promptKnown: true }, new Float64Array(4), units);
      return [...units.slice(6)];
    });
    expect(a).toEqual(b);
  });

  it("with two keys is found, and a swapped share and a wrong width are named", () => {
    const source = createToySource({ vocabularySize: 512, seed: "textseal" });
    const keys = { key_a: "42" };
    const scheme = schemeOf(DUAL, { ngram: 3, mixing_alpha: 0.1 }, keys);
    const text = writeToyText(source, { random: seedrandom("dual"), scheme, length: 200 });
    expect(detectTokens(scheme, text).log10PValue).toBeLessThan(-20);
    const options = { key: engineKey(findContract(DUAL), keys), registry: engineRegistry };
    const named = (parameters: object) =>
      diagnose(text, { scheme: { scheme: DUAL, ...parameters } }, options).finding?.code;
    expect(named({ ngram: 3, mixing_alpha: 0.9 })).toBe("dual-key-alpha-swapped");
    expect(named({ ngram: 4, mixing_alpha: 0.1 })).toBe("context-width-mismatch");
    expect(named({ ngram: 3, mixing_alpha: 0.1 })).toBeUndefined();
  });

  it("and all other contracts answer a text that is too short without NaN", () => {
    const given: Readonly<Record<string, unknown>> = { vocab_size: 100 };
    const secrets: Readonly<Record<string, unknown>> = {
      key: "1",
      key_a: "1",
      keys: ["1"],
      seed: "1",
      salt_key: "1",
      hash_key: "1",
      hashing_key: "1",
      watermark_key: "1",
    };
    const pick = (fields: object, values: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(fields, name)));
    expect(engineContracts.length).toBeGreaterThan(20);
    for (const contract of engineContracts) {
      const parameters = engineRegistry[contract.id]!.parse(pick(contract.parameters, given));
      const key = engineKey(contract, pick(contract.secrets, secrets));
      const scheme = engineRegistry[contract.id]!.create(parameters, key);
      if (scheme.nullLaw.family === "unknown") expect(() => detectTokens(scheme, [1])).toThrow(/depend on each other/);
      else expect(detectTokens(scheme, [1]).pValue, contract.id).toBeLessThanOrEqual(1);
      const reading = contract.engineReading?.(parameters, secretsOf(contract, key), { tokens: [1], prompt: null });
      for (const value of [reading?.statistic, reading?.pValue]) {
        expect(value === undefined || value === null || Number.isFinite(value), contract.id).toBe(true);
      }
    }
  });
});
