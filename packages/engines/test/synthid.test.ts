import { readFileSync } from "node:fs";
import { playTournament, type WatermarkScheme } from "@tokenmark/core";
import { detectTokens, diagnose } from "@tokenmark/detector";
import { createToySource, randomTokens, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../src/conformance/golden.ts";
import { readGolden, runCase } from "../src/conformance/run-golden.ts";
import { synthidOperations } from "../src/conformance/synthid-operations.ts";
import { PUBLIC_KEYS, synthidContracts } from "../src/contracts/synthid/contracts.ts";
import { playTournament32 } from "../src/contracts/synthid/float32-tournament.ts";
import { samplingTable } from "../src/contracts/synthid/sampling-table.ts";
import { maskLaw } from "../src/contracts/synthid/synthid-scheme.ts";
import { plainTableGValues, tableGValues, tableMasks } from "../src/contracts/synthid/table-g-values.ts";
import { engineKey, secretsOf } from "../src/engine-key.ts";
import { engineRegistry, findContract } from "../src/registry.ts";
import { failuresOf } from "./golden-files.ts";

const FILES = ["synthid-hf.json", "synthid-deepmind.json", "synthid-detectors.json"] as const;

describe.each(FILES)("golden file %s", (file) => {
  it("passes all of its cases", () => {
    expect(failuresOf(file, synthidOperations)).toEqual([]);
  });
});

describe("golden cases", () => {
  it("of MarkLLM's SynthID pass", () => {
    expect(failuresOf("markllm.json", synthidOperations).filter(({ op }) => op === "markllm_synthid_steps")).toEqual(
      [],
    );
  });

  it("fail at the very leaf where a number was changed", () => {
    const cases = readGolden(readFileSync(new URL("vectors/synthid-hf.json", import.meta.url), "utf8"));
    const golden = cases.find(({ op }) => op === "compute_g_values")!;
    const masks = (golden.output as { gMasks: number[] }).gMasks;
    const output = { ...(golden.output as JsonObject), gMasks: [...masks.slice(0, -1), masks.at(-1)! ^ 1] };
    expect(runCase({ ...golden, output }, synthidOperations)).toMatchObject({
      differences: 1,
      first: { path: `output.gMasks[${masks.length - 1}]` },
    });
  });
});

function schemeOf(id: string, parameters: Record<string, unknown>, keys: readonly string[]): WatermarkScheme {
  return engineRegistry[id]!.create(parameters, engineKey(findContract(id), { keys }));
}

describe("g-values", () => {
  const setting = {
    keys: ["1", "-918273645546372819", "654", "9223372036854775807"].map(BigInt),
    tableSize: 65_536,
    tableSeed: 7n,
  };

  it("by one lookup of a mask are those of 64-bit hashes, with contexts, identities and whole rows", () => {
    const [fast, plain] = [tableGValues(setting), plainTableGValues(setting)];
    const tokens = randomTokens("g", 300, 262_144);
    const [a, b] = [new Int32Array(500), new Int32Array(500)];
    const [hashA, hashB] = [new Uint32Array(2), new Uint32Array(2)];
    for (let from = 0; from + 5 <= tokens.length; from += 7) {
      for (const g of [fast, plain]) g.load(tokens, from, 4);
      expect(fast.word(tokens[from + 4]!)).toBe(plain.word(tokens[from + 4]!));
      fast.contextHash(hashA);
      plain.contextHash(hashB);
      expect(hashA).toEqual(hashB);
      fast.words(a, undefined, 500);
      plain.words(b, undefined, 500);
      expect(a).toEqual(b);
      fast.words(a, tokens, 300);
      plain.words(b, tokens, 300);
      expect(a).toEqual(b);
      plain.identity(tokens[from + 4]!, hashB, 0);
      fast.identity(tokens[from + 4]!, hashA, 0);
      expect(hashA[0]).toBe(hashB[0]! & 0xffff);
    }
  });

  it("of congruent keys are one layer twice, which the law knows", () => {
    const twins = { ...setting, keys: [5n, 5n + 65_536n] };
    expect(maskLaw(tableMasks(twins), 2)).toMatchObject({ values: Float64Array.of(0, 2) });
    const law = maskLaw(tableMasks({ ...setting, tableSeed: 0n, keys: PUBLIC_KEYS.map(BigInt) }), 30);
    expect(law.family === "lattice" && law.probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  });
});

describe("the tournament", () => {
  it.each([2, 3, 5])("by masses of patterns is the plain one layer by layer in float32, %i leaves", (leaves) => {
    const random = seedrandom(`tournament ${leaves}`);
    for (const n of [5, 100, 2000]) {
      const logits = Float32Array.from({ length: n }, () => 4 * random());
      const words = Int32Array.from({ length: n }, () => (random() * 2 ** 32) | 0);
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      const plain = logits.map((logit) => Math.exp(logit) / total);
      playTournament32(plain, words, 10, leaves, leaves > 2);
      const best = logits.indexOf(Math.max(...logits));
      playTournament(words, logits, best, 10, leaves);
      const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
      for (const [i, p] of plain.entries()) expect(Math.exp(logits[i]!) / sum).toBeCloseTo(p, 5);
    }
  });
});

describe("a SynthID mark", () => {
  const source = createToySource({ vocabularySize: 1024, seed: "synthid" });

  it("is found in its own text and not under other keys, and 0.2.1 and main do not read each other", () => {
    for (const { id } of synthidContracts) {
      const keys = PUBLIC_KEYS;
      const scheme = schemeOf(id, {}, keys);
      const prompt = randomTokens("prompt", 7, 1024);
      const text = writeToyText(source, { random: seedrandom(id), scheme, length: 150, prompt });
      expect(detectTokens(scheme, text).log10PValue).toBeLessThan(-15);
      expect(
        detectTokens(
          schemeOf(
            id,
            {},
            keys.map((key) => `${BigInt(key) + 1n}`),
          ),
          text,
        ).log10PValue,
      ).toBeGreaterThan(-4);
      const other = id.endsWith("main") ? "hf-synthid/cpu-table" : "deepmind-synthid/main";
      expect(detectTokens(schemeOf(other, {}, keys), text).log10PValue).toBeGreaterThan(-4);
    }
  });

  it("is written from zeros on, whatever the prompt, and not at all in the first calls if they are skipped", () => {
    const [plain, skipping] = [{}, { skip_first_ngram_calls: true }].map((given) =>
      schemeOf("hf-synthid/cpu-table", given, PUBLIC_KEYS),
    );
    const span = { tokens: randomTokens("skip", 20, 1024), start: 0, promptKnown: true };
    const [a, b] = [new Float64Array(20), new Float64Array(20)];
    plain!.scoreAll(span, a, new Uint32Array(40));
    skipping!.scoreAll(span, b, new Uint32Array(40));
    expect(a.some(Number.isNaN)).toBe(false);
    expect([...b].slice(0, 5).map(Number.isNaN)).toEqual([true, true, true, true, false]);
    expect(a.slice(4)).toEqual(b.slice(4));
  });

  it("keeps its false alarms: of 2,000 unmarked texts about 1 in 100 has p ≤ .01", () => {
    const scheme = schemeOf("hf-synthid/cpu-table", {}, PUBLIC_KEYS);
    let alarms = 0;
    for (let i = 0; i < 2000; i++) {
      if (detectTokens(scheme, randomTokens(`null ${i}`, 100, 50_000)).pValue <= 0.01) alarms++;
    }
    // 20 are expected; outside 6 to 38 lies less than 1e-3.
    expect(alarms).toBeGreaterThan(5);
    expect(alarms).toBeLessThan(39);
  });

  it("is refused with one clear error where keys are missing, unsafe or too many", () => {
    const contract = findContract("hf-synthid/cpu-table");
    expect(() => engineKey(contract, {})).toThrow(/keys: is missing/);
    expect(() => engineKey(contract, { keys: [2 ** 60] })).toThrow(/keys\[0\].*beyond 2\^53/);
    expect(() => engineKey(contract, { keys: new Array(33).fill("1") })).toThrow(/list of 1 to 32/);
  });

  it("has a reading of the engine's own that is never NaN", () => {
    for (const contract of synthidContracts) {
      const parameters = engineRegistry[contract.id]!.parse({});
      const secrets = secretsOf(contract, engineKey(contract, { keys: ["1", "2"] }));
      const empty = contract.engineReading!(parameters, secrets, { tokens: [1, 2], prompt: null });
      expect(empty).toMatchObject({ tokensScored: 0, statistic: null, pValue: null });
      const some = contract.engineReading!(parameters, secrets, { tokens: randomTokens("r", 60, 99), prompt: null });
      expect(some.statistic).toBeGreaterThan(0);
    }
  });
});

describe("a sampling table that a GPU drew", () => {
  const source = createToySource({ vocabularySize: 1024, seed: "gpu" });
  const key = (id: string) => engineKey(findContract(id), { keys: PUBLIC_KEYS });
  /** The scheme under which the server of a GPU writes, found among the traps by what they would mean. */
  const gpuScheme = (id: string, gpu: string): WatermarkScheme =>
    engineRegistry[id]!.traps!({}, key(id), { tokens: [], prompt: null }).find(
      ({ code, advice }) => code === "device-generator" && advice.includes(gpu),
    )!.scheme;

  it.each([
    ["hf-synthid/cpu-table", "A100"],
    ["hf-synthid/cpu-table", "T4"],
    ["deepmind-synthid/0.2.1", "A100"],
  ])("of %s and %s reads as nothing under the CPU's and is named, corrected for all readings tried", (id, gpu) => {
    const text = writeToyText(source, { random: seedrandom(gpu), scheme: gpuScheme(id, gpu), length: 150 });
    const options = { key: key(id), registry: engineRegistry };
    const { declared, finding, correctedFor, tried, sentence } = diagnose(text, { scheme: { scheme: id } }, options);
    expect(declared.pValue).toBeGreaterThan(0.001);
    expect(finding).toMatchObject({
      code: "device-generator",
      actual: { sampling_table_device: expect.stringContaining(gpu) },
    });
    expect(correctedFor).toBe(tried.length + 1);
    expect(finding!.correctedLog10P).toBeCloseTo(finding!.detection.log10PValue + Math.log10(correctedFor), 9);
    expect(finding!.correctedLog10P).toBeLessThan(-10);
    expect(sentence).toContain(gpu);
  });

  it("has the bits of philox-cuda-derived.json: the T4's differ from entry 40,960 on, both from the CPU's everywhere", () => {
    const cases = readGolden(readFileSync(new URL("vectors/philox-cuda-derived.json", import.meta.url), "utf8"));
    const cpu = samplingTable(65_536, 0n).join("");
    for (const sm of [108, 40]) {
      const golden = cases.find(({ id }) => id === `cuda-randint/seed=0/${sm}sm`)!.output as Record<string, string>;
      const device = { multiprocessors: sm, maxThreadsPerMultiprocessor: sm === 40 ? 1024 : 2048 };
      const table = samplingTable(65_536, 0n, device).join("");
      expect(table.slice(0, 256)).toBe(golden.first256);
      expect(table.slice(40_960, 41_024)).toBe(golden.at40960_64);
      const same = Array.from(table).filter((bit, i) => bit === cpu[i]).length;
      // Half of the entries agree by chance: standard deviation 128.
      expect(Math.abs(same - 32_768)).toBeLessThan(5 * 128);
    }
  });

  it("is no finding in unmarked text nor in text of the CPU's table", () => {
    const id = "hf-synthid/cpu-table";
    const options = { key: key(id), registry: engineRegistry };
    const own = writeToyText(source, { random: seedrandom("own"), scheme: schemeOf(id, {}, PUBLIC_KEYS), length: 150 });
    for (const text of [own, writeToyText(source, { random: seedrandom("clean"), length: 150 })]) {
      expect(diagnose(text, { scheme: { scheme: id } }, options).finding).toBeNull();
    }
  });
});
