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

/**
 * A text by DiPmark's rule (Wu et al. 2023, arXiv 2310.07710) over TextSeal's hash, highest first: of the cumulative mass F the part up to α goes, the
 * part above 1 − α counts twice. Equal hashes stand by id.
 */
function writeDipmark(key: string, ngram: number, length: number): readonly number[] {
  const [alpha, vocabularySize] = [0.2, 512];
  const source = createToySource({ vocabularySize, seed: "dipmark" });
  const random = seedrandom(`dipmark/${key}`);
  const hash = textsealHash(BigInt(key));
  const doubled = (mass: number): number => Math.max(mass - alpha, 0) + Math.max(mass - 1 + alpha, 0);
  const text = [3, 1, 4];
  while (text.length < length) {
    const weights = Array.from(source.logitsAfter(text), Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    hash.load(text, text.length - ngram, ngram);
    const order = weights.map((_, id) => ({ id, hash: hash.hash(id) })).sort((a, b) => b.hash - a.hash);
    const target = random();
    let [mass, id] = [0, 0];
    for (let i = 0; i < order.length && doubled(mass) <= target; i++) {
      id = order[i]!.id;
      mass += weights[id]! / total;
    }
    text.push(id);
  }
  return text;
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

  it("MorphMark moves mass as TextSeal's formula does in float32, at full, partial and next to no strength", () => {
    // PyTorch 1.13.0, CPU: p = softmax(logits); G = (p * green).sum(); r = where(G > p_0, k * G, 1e-6).clamp(max=1 - 1e-6);
    // q = p * where(green, 1 + r * (1 - G) / G, 1 - r); q / q.sum(). Ids 0 … 15, key 42 after (7, 233); here G = .85366.
    const logits = Float32Array.from({ length: 16 }, (_, i) => ((i * 37 + 17) % 23) / 4);
    const cases: readonly (readonly [parameters: object, q: readonly number[]])[] = [
      [
        { k_morphmark: 0.8 },
        [
          0.096412003, 0.0028843337, 0.33651096, 0.035467993, 0.001061087, 0.03513838, 0.0037035577, 0.0013752434,
          0.045541804, 0.0013624626, 0.15895653, 0.016753893, 0.00050122204, 0.058476835, 0.0017494367, 0.20410421,
        ],
      ],
      [
        {},
        [
          0.10110324, 9.2175672e-9, 0.35288495, 0.037193801, 3.3909533e-9, 1.1229296e-7, 1.183559e-8, 0.0014421602,
          0.047757786, 4.35407e-9, 0.16669105, 0.017569108, 1.6017729e-9, 0.061322212, 5.5907368e-9, 0.21403556,
        ],
      ],
      [
        { p_0: 0.9 },
        [
          0.086307772, 0.0090967622, 0.30124372, 0.031750854, 0.0033465116, 0.11082125, 0.011680474, 0.0012311143,
          0.040768903, 0.0042970059, 0.14229746, 0.014998042, 0.0015807801, 0.052348312, 0.0055174651, 0.18271355,
        ],
      ],
    ];
    for (const [parameters, wanted] of cases) {
      const marked = logits.slice();
      schemeOf("textseal-morphmark/v0.1", { ngram: 2, ...parameters }, { key: "42" }).process(marked, [7, 233]);
      const weights = Array.from(marked, Math.exp);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      wanted.forEach((q, i) => {
        expect(weights[i]! / total / q).toBeCloseTo(1, 5);
      });
    }
  });

  it("MorphMark without any green mass leaves the red tokens' shares as they are", () => {
    const logits = Float32Array.of(2, Number.NEGATIVE_INFINITY, 1);
    // Ids 1 and 4 are red, 0 is green (the string of flags of key 42 after (7, 233) begins with 10110).
    schemeOf("textseal-morphmark/v0.1", { ngram: 2 }, { key: "42" }).process(logits, [7, 233], {
      candidates: [1, 0, 4],
    });
    expect(logits[1]).toBe(Number.NEGATIVE_INFINITY);
    expect(logits[0]! - logits[2]!).toBeCloseTo(1, 6);
  });

  it("reads greenlist, morphmark and dipmark alike: one evidence, one engine's p, one γ", () => {
    const tokens = Array.from({ length: 300 }, (_, i) => (i * i * 31 + 7) % 997);
    const given = { ngram: 2, gamma: 0.25 };
    const readings = ["greenlist", "morphmark", "dipmark"].map((type) => {
      const id = `textseal-${type}/v0.1`;
      const contract = findContract(id);
      const key = engineKey(contract, { key: "42" });
      const { log10PValue, statistic, tokensScored } = detectTokens(schemeOf(id, given, { key: "42" }), tokens);
      const parameters = engineRegistry[id]!.parse(given);
      const engine = contract.engineReading!(parameters, secretsOf(contract, key), { tokens, prompt: null });
      return { log10PValue, statistic, tokensScored, engine };
    });
    expect(readings[0]!.statistic).toBeGreaterThan(0);
    expect(readings[1]).toEqual(readings[0]);
    expect(readings[2]).toEqual(readings[0]);
  });

  it("a text that DiPmark's rule wrote is found under its key and not under another", () => {
    const text = writeDipmark("1001", 2, 400);
    const read = (key: string) =>
      detectTokens(schemeOf("textseal-dipmark/v0.1", { ngram: 2 }, { key }), text).log10PValue;
    expect(read("1001")).toBeLessThan(-12);
    expect(read("1002")).toBeGreaterThan(-4);
  });

  it("DiPmark is read only: to write it is refused by code, whatever the context, with the logits left alone", () => {
    const scheme = schemeOf("textseal-dipmark/v0.1", { ngram: 2 }, { key: "42" });
    for (const context of [[], [7], [7, 233, 4]]) {
      const logits = Float32Array.of(1, 2, 3);
      expect(() => scheme.process(logits, context)).toThrow(
        expect.objectContaining({ code: "read-only", message: expect.stringMatching(/dipmark.*only be read.*ties/) }),
      );
      expect([...logits]).toEqual([1, 2, 3]);
    }
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
