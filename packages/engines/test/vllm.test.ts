import { readFileSync } from "node:fs";
import { createLogitsProcessor, type WatermarkScheme } from "@tokenmark/core";
import { detectTokens, diagnose } from "@tokenmark/detector";
import { createToySource, randomTokens, writeToyText } from "@tokenmark/testkit";
import fc from "fast-check";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../src/conformance/golden.ts";
import { philoxOperations } from "../src/conformance/philox-operations.ts";
import { readGolden, runCase } from "../src/conformance/run-golden.ts";
import { vllmOperations } from "../src/conformance/vllm-operations.ts";
import { skipRule } from "../src/contracts/vllm/skip-rule.ts";
import type { DedupScope } from "../src/contracts/vllm/vllm-scheme.ts";
import { swapBytes, swapWords } from "../src/contracts/vllm/vllm-traps.ts";
import { engineKey, secretsOf } from "../src/engine-key.ts";
import { philox4x32 } from "../src/generators/philox.ts";
import { engineRegistry, findContract } from "../src/registry.ts";
import { failuresOf } from "./golden-files.ts";

const SINGLE = "vllm-gumbel/philox4x32-10-v1";
const DUAL = "vllm-dual-key-gumbel/philox4x32-10-v1";
const operations = [...vllmOperations, ...philoxOperations];

describe("golden files", () => {
  it.each(["engines-vllm-prf.json", "engines-vllm-gumbel.json", "philox-cuda-derived.json"])("%s passes", (file) => {
    expect(failuresOf(file, operations)).toEqual([]);
  });

  it("fail at the very leaf where a number was changed", () => {
    const cases = readGolden(readFileSync(new URL("vectors/engines-vllm-gumbel.json", import.meta.url), "utf8"));
    for (const golden of cases.filter(({ op }) => op === "vllm_detect")) {
      const output = { ...(golden.output as JsonObject), score: (golden.output as { score: number }).score + 1e-3 };
      expect(runCase({ ...golden, output }, operations)).toMatchObject({
        differences: 1,
        first: { path: "output.score" },
      });
    }
  });
});

describe("Philox4x32-10", () => {
  it("equals the definition in bigints", () => {
    const random = seedrandom("philox");
    const word = (): number => Math.floor(random() * 2 ** 32);
    const out = new Uint32Array(4);
    for (let i = 0; i < 200; i++) {
      const [c, k] = [
        [word(), word(), word(), word()],
        [word(), word()],
      ];
      let [a, b, e, d] = c.map(BigInt) as [bigint, bigint, bigint, bigint];
      let [x, y] = k.map(BigInt) as [bigint, bigint];
      for (let round = 0; round < 10; round++) {
        const [p, q] = [a * 0xd2511f53n, e * 0xcd9e8d57n];
        [a, b, e, d] = [(q >> 32n) ^ b ^ x, q & 0xffffffffn, (p >> 32n) ^ d ^ y, p & 0xffffffffn];
        x = (x + 0x9e3779b9n) & 0xffffffffn;
        y = (y + 0xbb67ae85n) & 0xffffffffn;
      }
      philox4x32(c[0]!, c[1]!, c[2]!, c[3]!, k[0]!, k[1]!, out);
      expect([...out]).toEqual([a, b, e, d].map(Number));
    }
  });
});

function schemeOf(id: string, parameters: Record<string, unknown>, key: string): WatermarkScheme {
  return engineRegistry[id]!.create(parameters, engineKey(findContract(id), { key }));
}

describe("core's repeat guard leaves unmarked just what vLLM's skip rule leaves", () => {
  interface Skipping {
    readonly width: number;
    readonly scope: DedupScope;
    readonly history: number | null;
    readonly prompt: readonly number[];
    readonly generated: readonly number[];
  }

  /** One digit a generated position: 1 if createLogitsProcessor left it unmarked. */
  function skipped({ width, scope, history, prompt, generated }: Skipping): string {
    const scheme = schemeOf(
      SINGLE,
      { context_width: width, deduplicate_contexts: scope, deduplicate_contexts_max_history: history },
      "42",
    );
    const processor = createLogitsProcessor(scheme, { promptLength: prompt.length });
    const tokens = [...prompt];
    const digits = generated.map((token) => {
      const logits = Float32Array.of(0, 1, 2, 3);
      const outcome = processor.mark(logits, tokens);
      const isMarked = logits.filter(Number.isFinite).length === 1;
      expect(outcome === "marked").toBe(isMarked);
      tokens.push(token);
      return isMarked ? 0 : 1;
    });
    return digits.join("");
  }

  const golden = readGolden(readFileSync(new URL("vectors/engines-vllm-prf.json", import.meta.url), "utf8"));
  const masks = golden.filter(({ op }) => op === "vllm_skip_mask") as unknown as readonly {
    readonly id: string;
    readonly params: {
      readonly context_width: number;
      readonly scope: DedupScope;
      readonly max_history: number | null;
    };
    readonly input: { readonly prompt: readonly number[]; readonly generated: readonly number[] };
    readonly output: { readonly skip: string };
  }[];
  it("there are golden masks", () => expect(masks.length).toBeGreaterThan(5));

  it.each(masks)("in golden case $id, position by position", ({ params, input, output }) => {
    const { context_width: width, scope, max_history: history } = params;
    expect(skipped({ width, scope, history, ...input })).toBe(output.skip);
  });

  it("for any prompt, text, width, window and scope, 500 of them, 100 at least under scope all with something to skip", () => {
    let skips = 0;
    const ids = fc.array(fc.nat(2), { maxLength: 25 });
    fc.assert(
      fc.property(
        fc.record({
          width: fc.integer({ min: 1, max: 4 }),
          scope: fc.constantFrom("none", "single_turn", "all", "all", "all") as fc.Arbitrary<DedupScope>,
          history: fc.option(fc.integer({ min: 1, max: 12 })),
          prompt: ids,
          generated: ids,
        }),
        (setting) => {
          const { scope, width, history, prompt, generated } = setting;
          const rule = skipRule(scope, width, history, prompt);
          const wanted = generated.map((token) => {
            const digit = rule.isSkipped() ? 1 : 0;
            rule.push(token);
            return digit;
          });
          if (scope === "all" && wanted.lastIndexOf(1) >= width) skips++;
          expect(skipped(setting)).toBe(wanted.join(""));
        },
      ),
      { numRuns: 500, seed: 7 },
    );
    expect(skips).toBeGreaterThan(100);
  });
});

describe("a vLLM mark", () => {
  const source = createToySource({ vocabularySize: 512, seed: "vllm" });
  const write = (id: string, key: string, length: number, parameters: Record<string, unknown> = {}): Int32Array =>
    writeToyText(source, { random: seedrandom("vllm"), scheme: schemeOf(id, parameters, key), length });

  it("is found in its own text and not under another key", () => {
    for (const id of [SINGLE, DUAL]) {
      const text = write(id, "18446744073709551615", 120);
      expect(detectTokens(schemeOf(id, {}, "18446744073709551615"), text).log10PValue).toBeLessThan(-15);
      expect(detectTokens(schemeOf(id, {}, "18446744073709551614"), text).log10PValue).toBeGreaterThan(-4);
    }
  });

  it("has vLLM's own p beside ours, its moment match being too small", () => {
    const contract = findContract(DUAL);
    const text = write(DUAL, "77", 200);
    const secrets = secretsOf(contract, engineKey(contract, { key: "77" }));
    const parameters = engineRegistry[DUAL]!.parse({});
    const reading = contract.engineReading!(parameters, secrets, { tokens: text, prompt: null });
    expect(Math.log10(reading.pValue!)).toBeLessThan(detectTokens(schemeOf(DUAL, {}, "77"), text).log10PValue - 0.5);
    expect(reading.faults.join()).toMatch(/matched by two moments/);
    expect(contract.engineReading!(parameters, secrets, { tokens: [], prompt: null })).toMatchObject({
      tokensScored: 0,
      pValue: 1,
      marked: false,
    });
  });

  it.each([
    ["context-width-mismatch", { context_width: 6 }, "42"],
    ["key-word-order", {}, `${swapWords(42n)}`],
    ["key-byte-order", {}, `${swapBytes(42n)}`],
  ] as const)("declared wrongly is diagnosed by name: %s", (code, parameters, key) => {
    const text = write(SINGLE, "42", 120);
    const declared = { scheme: { scheme: SINGLE, ...parameters } };
    const options = { key: engineKey(findContract(SINGLE), { key }), registry: engineRegistry };
    expect(diagnose(text, declared, options).finding?.code).toBe(code);
  });

  it("declared rightly is given no finding, and unmarked text neither", () => {
    const options = { key: engineKey(findContract(SINGLE), { key: "42" }), registry: engineRegistry };
    expect(diagnose(write(SINGLE, "42", 120), { scheme: { scheme: SINGLE } }, options).finding).toBeNull();
    expect(diagnose(randomTokens("noise", 300, 512), { scheme: { scheme: SINGLE } }, options).finding).toBeNull();
    const dual = { key: engineKey(findContract(DUAL), { key: "42" }), registry: engineRegistry };
    expect(diagnose(write(DUAL, "42", 200), { scheme: { scheme: DUAL } }, dual).finding).toBeNull();
  });

  it("refuses keys that JSON has spoilt, negative ones and missing ones", () => {
    const contract = findContract(SINGLE);
    expect(() => engineKey(contract, { key: 2 ** 60 + 2 ** 8 })).toThrow(/beyond 2\^53/);
    expect(() => engineKey(contract, { key: "-1" })).toThrow(/whole number from 0/);
    expect(() => engineKey(contract, {})).toThrow(/key: is missing/);
    expect(() => schemeOf(SINGLE, { context_width: 0 }, "1")).toThrow(/context_width/);
  });
});
