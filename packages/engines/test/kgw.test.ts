import { readFileSync } from "node:fs";
import { createLogitsProcessor, type Key, type WatermarkScheme } from "@tokenmark/core";
import { detectTokens, diagnose } from "@tokenmark/detector";
import { createToySource, randomTokens, testKey, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../src/conformance/golden.ts";
import { kgwOperations } from "../src/conformance/kgw-operations.ts";
import { readGolden, runCase } from "../src/conformance/run-golden.ts";
import { hfPValue } from "../src/contracts/kgw/hf-detector.ts";
import { readSeedingScheme } from "../src/contracts/kgw/seeding-scheme.ts";
import { engineKey, secretsOf } from "../src/engine-key.ts";
import { engineRegistry, findContract } from "../src/registry.ts";
import { failuresOf } from "./golden-files.ts";

const FILES = ["kgw-hf.json", "kgw-lm-watermarking.json"] as const;

describe.each(FILES)("golden file %s", (file) => {
  const cases = readGolden(readFileSync(new URL(`vectors/${file}`, import.meta.url), "utf8"));

  it(`passes all of its ${cases.length} cases`, () => {
    expect(cases.length).toBeGreaterThan(40);
    expect(failuresOf(file, kgwOperations)).toEqual([]);
  });

  it("fails at the very leaf where a number was changed", () => {
    for (const golden of cases) {
      const [field, value] = Object.entries(golden.output as JsonObject)[0]!;
      if (!Array.isArray(value) || typeof value[0] !== "number" || typeof value.at(-1) !== "number") continue;
      const changed = {
        ...golden,
        output: { ...(golden.output as JsonObject), [field]: [...value.slice(0, -1), 1234567] },
      };
      expect(runCase(changed, kgwOperations)).toMatchObject({
        passed: false,
        differences: 1,
        first: { path: `output.${field}[${value.length - 1}]` },
      });
    }
  });
});

const secretOf = (key: Key): string => new DataView(key.bytes("test", 8).slice().buffer).getBigInt64(0).toString();

function schemeOf(id: string, parameters: Record<string, unknown>, secrets: Record<string, unknown>): WatermarkScheme {
  return engineRegistry[id]!.create(parameters, engineKey(findContract(id), secrets));
}

const SETTINGS: readonly (readonly [id: string, parameters: Record<string, unknown>, secret: string])[] = [
  ["hf-kgw-lefthash/cpu", { vocab_size: 1024 }, "hashing_key"],
  ["hf-kgw-selfhash/cpu", { vocab_size: 1024, context_width: 4 }, "hashing_key"],
  ["lm-watermarking/cpu", { vocab_size: 1024 }, "hash_key"],
  ["lm-watermarking/cpu", { vocab_size: 1024, seeding_scheme: "minhash", select_green_tokens: false }, "hash_key"],
  ["lm-watermarking/cpu", { vocab_size: 1024, seeding_scheme: "ff-noncomm_prf-2-False" }, "hash_key"],
];

describe("a scheme of the KGW family", () => {
  it.each(SETTINGS)("%s scores a span as it scores single tokens", (id, parameters, secret) => {
    const scheme = schemeOf(id, parameters, { [secret]: "-918273645546372819" });
    const tokens = randomTokens("span", 150, 40);
    const out = new Float64Array(tokens.length);
    scheme.scoreAll({ tokens, start: 0, promptKnown: true }, out, new Uint32Array(2 * tokens.length));
    for (const [i, token] of tokens.entries()) expect(out[i]).toBe(scheme.score(tokens.subarray(0, i), token));
  });

  it("raises candidates as it raises the same tokens of the whole row", () => {
    for (const [id, parameters, secret] of SETTINGS.filter(([name]) => !name.includes("selfhash"))) {
      if (parameters.seeding_scheme === undefined && id.startsWith("lm")) continue;
      const scheme = schemeOf(id, parameters, { [secret]: "77" });
      const random = seedrandom("candidates");
      const context = randomTokens("context", 8, 1024);
      const dense = Float32Array.from({ length: 1024 }, () => random());
      const candidates = Int32Array.from({ length: 50 }, (_, i) => i * 20 + 3);
      const sparse = Float32Array.from(candidates, (token) => dense[token]!);
      scheme.process(dense, context);
      scheme.process(sparse, context, { candidates });
      expect(sparse).toEqual(Float32Array.from(candidates, (token) => dense[token]!));
    }
  });

  it("is found in its own text, also with the list's tail as green, and not under another key", () => {
    const source = createToySource({ vocabularySize: 1024, seed: "kgw" });
    for (const [id, parameters, secret] of SETTINGS) {
      const scheme = schemeOf(
        id,
        { ...parameters, ...(id.startsWith("hf") ? { bias: 4 } : { delta: 4 }) },
        { [secret]: "5" },
      );
      const text = writeToyText(source, { random: seedrandom(id), scheme, length: 200 });
      expect(detectTokens(scheme, text).log10PValue).toBeLessThan(-6);
      expect(detectTokens(schemeOf(id, parameters, { [secret]: "6" }), text).log10PValue).toBeGreaterThan(-4);
    }
  });

  it("of a self-salted kind looks at the best 40 candidates in Hugging Face and 41 in lm-watermarking, whatever else is green", () => {
    for (const [id, most] of [
      ["hf-kgw-selfhash/cpu", 40],
      ["lm-watermarking/cpu", 41],
    ] as const) {
      const scheme = schemeOf(
        id,
        { vocab_size: 400, ...(id.startsWith("hf") ? { greenlist_ratio: 0.99 } : { gamma: 0.99 }) },
        {},
      );
      const logits = Float32Array.from({ length: 400 }, (_, i) => -i);
      const before = logits.slice();
      createLogitsProcessor(scheme, { promptLength: 0 }).mark(logits, [1, 2, 3, 4, 5]);
      const changed = [...logits.keys()].filter((i) => logits[i] !== before[i]);
      expect(changed.at(-1)).toBeLessThan(most);
      expect(changed.length).toBeGreaterThan(most - 6);
    }
  });
});

describe("bad input", () => {
  it("is refused with one clear error", () => {
    const make =
      (id: string, parameters: Record<string, unknown>, secrets: Record<string, unknown> = {}) =>
      () =>
        schemeOf(id, parameters, secrets);
    expect(make("hf-kgw-lefthash/cpu", {})).toThrow(/vocab_size: is missing/);
    expect(make("hf-kgw-lefthash/cpu", { vocab_size: 10, greenlist_ratio: 0.01 })).toThrow(
      /wanted a list of 1 to 9 of 10/,
    );
    expect(make("hf-kgw-lefthash/cpu", { vocab_size: 100 }, { hashing_key: 2 ** 60 })).toThrow(/beyond 2\^53/);
    expect(make("lm-watermarking/cpu", { vocab_size: 100, seeding_scheme: "ff-magic-2-True" })).toThrow(
      /seeding_scheme/,
    );
    expect(make("lm-watermarking/cpu", { vocab_size: 100, seeding_scheme: "ff-minhash_prf-0-True" })).toThrow(
      /width from 1/,
    );
    expect(make("lm-watermarking/cpu", { vocab_size: 100, seeding_scheme: "ff-minhash_prf-2-True-918273" })).toThrow(
      /^(?!.*918273).*without its key/,
    );
    const scheme = schemeOf("hf-kgw-lefthash/cpu", { vocab_size: 100 }, {});
    expect(() => detectTokens(scheme, [1, 2, 100])).toThrow(/wanted ids below vocab_size 100, got 100/);
    expect(detectTokens(scheme, [5])).toMatchObject({ tokensScored: 0, pValue: 1 });
  });

  it("never makes the engine's own reading NaN", () => {
    for (const id of [
      "hf-kgw-lefthash/cpu",
      "hf-kgw-selfhash/cpu",
      "lm-watermarking/cpu",
      "lm-watermarking-legacy/cpu",
    ]) {
      const contract = findContract(id);
      const parameters = engineRegistry[id]!.parse({ vocab_size: 100 });
      const secrets = secretsOf(contract, engineKey(contract, {}));
      for (const tokens of [[], [1]]) {
        const { statistic, pValue } = contract.engineReading!(parameters, secrets, { tokens, prompt: null });
        for (const value of [statistic, pValue]) expect(value === null || Number.isFinite(value)).toBe(true);
      }
    }
  });
});

describe("what the engines print", () => {
  it("Hugging Face's p-value is no normal tail", () => {
    expect(hfPValue(1)).toBeCloseTo(0.2645, 4);
    expect(hfPValue(8)).toBe(0);
  });

  it("free-form names are read to the last part", () => {
    expect(readSeedingScheme("ff-anchored_minhash_prf-4-True-15485863")).toEqual({
      prf: "anchored_minhash",
      contextWidth: 4,
      selfSalt: true,
      key: "15485863",
    });
    expect(readSeedingScheme("ff-skipgram-3-False")).toMatchObject({ prf: "skipgram", selfSalt: false, key: null });
  });

  it("the key of the tests is not the default", () => {
    expect(secretOf(testKey("kgw"))).not.toBe("15485863");
  });

  it("says of text without a trace that a GPU's lists cannot be drawn here, whoever draws lists on the scores' device", () => {
    const drawn = ["hf-kgw-lefthash/cpu", "hf-kgw-selfhash/cpu", "lm-watermarking/cpu", "lm-watermarking-legacy/cpu"];
    for (const id of [...drawn, "tgi-kgw/cpu", "markllm-kgw/cpu"]) {
      const key = engineKey(findContract(id), {});
      const options = { key, registry: engineRegistry };
      const { untestable, finding, sentence } = diagnose(
        randomTokens(id, 60, 300),
        { scheme: { scheme: id, vocab_size: 300 } },
        options,
      );
      expect(finding).toBeNull();
      expect(untestable.map(({ code }) => code)).toEqual(["device-generator"]);
      expect(sentence).toMatch(/device-generator: Ask on which device/);
    }
  });
});
