import { readFileSync } from "node:fs";
import { randomTokens } from "@tokenmark/testkit";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../src/conformance/golden.ts";
import { readGolden, runCase } from "../src/conformance/run-golden.ts";
import { unigramOperations } from "../src/conformance/unigram-operations.ts";
import type { EngineContract, EngineText } from "../src/contract.ts";
import { unigramContracts } from "../src/contracts/unigram/contracts.ts";
import { unigramMask } from "../src/contracts/unigram/unigram-mask.ts";
import { readFields } from "../src/field.ts";
import { failuresOf } from "./golden-files.ts";

const FILE = "unigram.json";
const cases = readGolden(readFileSync(new URL(`vectors/${FILE}`, import.meta.url), "utf8"));
const [own, markllm] = unigramContracts as readonly [EngineContract, EngineContract];

function schemeOf(contract: EngineContract, parameters: Record<string, unknown>, secrets: Record<string, unknown>) {
  return contract.create(
    readFields("parameters", contract.parameters, parameters, "bad-config"),
    readFields("key", contract.secrets, secrets, "bad-key"),
  );
}

function reading(contract: EngineContract, parameters: Record<string, unknown>, text: EngineText) {
  const secrets = readFields("key", contract.secrets, {}, "bad-key");
  return contract.engineReading!(
    readFields("parameters", contract.parameters, parameters, "bad-config"),
    secrets,
    text,
  );
}

describe("golden file unigram.json", () => {
  test(`all ${cases.length} cases pass`, () => {
    expect(cases.length).toBeGreaterThan(0);
    expect(failuresOf(FILE, unigramOperations)).toEqual([]);
  });

  test("a copy with one digit changed fails exactly there", () => {
    for (const [field, value, path] of [
      ["z", 2.3238, "output.z"],
      ["ones", 9, "output.ones"],
      ["state", "35399562948360463058890781895381311972", "output.state"],
    ] as const) {
      const golden = cases.find(({ output }) => Object.hasOwn(output as JsonObject, field))!;
      const changed = { ...golden, output: { ...(golden.output as JsonObject), [field]: value } };
      expect(runCase(changed, unigramOperations)).toMatchObject({ passed: false, differences: 1, first: { path } });
    }
  });
});

describe("Unigram contracts", () => {
  test("both code bases draw one list for one key and differ in name, field names and default key only", () => {
    const a = schemeOf(own, { vocab_size: 1000 }, { watermark_key: "77" });
    const b = schemeOf(markllm, { vocab_size: 1000 }, { hash_key: "77" });
    for (let token = 0; token < 1000; token++) expect(a.score([], token)).toBe(b.score([], token));
  });

  test("process adds the float32 bias to the green logits and to nothing else, beyond the vocabulary too", () => {
    const scheme = schemeOf(own, { vocab_size: 100, strength: 0.1 }, {});
    const mask = unigramMask(0n, 0.5, 100);
    const logits = Float32Array.from({ length: 110 }, (_, i) => i / 7);
    const marked = logits.slice();
    scheme.process(marked, []);
    for (let i = 0; i < 110; i++) {
      const green = i < 100 && mask[i] === 1;
      expect(marked[i]).toBe(green ? Math.fround(logits[i]! + Math.fround(0.1)) : logits[i]);
    }
  });

  test("the null law has the share of the list as it is: 56 of 100 at 0.57", () => {
    const { nullLaw } = schemeOf(own, { vocab_size: 100, fraction: 0.57 }, {});
    expect(nullLaw).toMatchObject({ family: "bernoulli", p: 0.56 });
  });

  test("the engine's z counts repeats: one green token twenty times is z = √20", () => {
    const mask = unigramMask(0n, 0.5, 1000);
    const tokens = new Array<number>(20).fill(mask.indexOf(1));
    expect(reading(own, { vocab_size: 1000 }, { tokens, prompt: null })).toMatchObject({
      tokensScored: 20,
      statistic: Math.sqrt(20),
      pValue: null,
      marked: null,
    });
  });

  test("MarkLLM says watermarked above its threshold, and nothing of an empty text", () => {
    const green = Array.from(unigramMask(15485863n, 0.5, 1000).entries())
      .filter(([, bit]) => bit === 1)
      .map(([token]) => token);
    const read = (tokens: readonly number[]) => reading(markllm, { vocab_size: 1000 }, { tokens, prompt: null });
    expect(read(green.slice(0, 17))).toMatchObject({ marked: true });
    expect(read(green.slice(0, 16))).toMatchObject({ marked: false, statistic: 4 });
    expect(read([])).toMatchObject({ tokensScored: 0, statistic: null, marked: null });
  });

  test("bad input is one clear error: id beyond the vocabulary, empty list, missing size, unknown field, huge key as a number", () => {
    const scheme = schemeOf(own, { vocab_size: 50 }, {});
    expect(() => scheme.score([], 50)).toThrow(expect.objectContaining({ code: "vocabulary-mismatch" }));
    expect(() => reading(own, { vocab_size: 50 }, { tokens: [1, 50], prompt: null })).toThrow(
      expect.objectContaining({ code: "vocabulary-mismatch" }),
    );
    expect(() => schemeOf(own, { vocab_size: 3, fraction: 0.1 }, {})).toThrow(
      expect.objectContaining({ code: "bad-config" }),
    );
    expect(() => schemeOf(markllm, {}, {})).toThrow(/vocab_size: is missing/);
    expect(() => schemeOf(own, { gamma: 0.5 }, {})).toThrow(/unknown field "gamma"/);
    expect(() => schemeOf(own, {}, { watermark_key: 2 ** 60 })).toThrow(/write it in quotes/);
  });

  test("traps name the padded width and the default key, and drop widths that the text does not fit", () => {
    const text = { tokens: randomTokens("traps", 60, 50257), prompt: null };
    const traps = own.traps!(
      readFields("parameters", own.parameters, {}, "bad-config"),
      readFields("key", own.secrets, { watermark_key: "9" }, "bad-key"),
      text,
    );
    expect(traps[0]).toMatchObject({ code: "vocab-width", actual: { vocab_size: 50304 } });
    expect(traps.map(({ code }) => code)).toContain("default-key");
    expect(traps.length).toBeLessThan(15);
    const last = own.traps!(
      readFields("parameters", own.parameters, {}, "bad-config"),
      readFields("key", own.secrets, {}, "bad-key"),
      { tokens: [50256], prompt: null },
    );
    expect(last.every(({ actual }) => actual.vocab_size === undefined || (actual.vocab_size as number) > 50256)).toBe(
      true,
    );
  });
});
