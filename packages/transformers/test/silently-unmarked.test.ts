import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gumbel, Key, kgw } from "@tokenmark/core";
import { dtype, modelFolder } from "@tokenmark/demo-model";
import { describe, expect, it } from "vitest";
import { createGenerator, exactProcessor, markedGeneration } from "../src/index.ts";

const key = Key.random();
const coded = (code: string): unknown => expect.objectContaining({ name: "TokenmarkError", code });

describe("what would write unmarked text without a word is refused", () => {
  it.each([gumbel(key), kgw(key)])("top-k 1 in exact mode under $name", (scheme) => {
    expect(() => exactProcessor(scheme, { topK: 1, seed: 1 })).toThrow(coded("needs-sampling"));
  });

  it.each([
    ["a key with neither profile nor scheme", { key }, "bad-argument"],
    ["a profile that is none", { key, profile: { shceme: "gumbel" } as never }, "bad-profile"],
    ["an empty profile without a key", { profile: {} as never }, "bad-profile"],
    ["a scheme that is null", { key, scheme: null as never }, "bad-argument"],
  ])("%s", async (_what, options, code) => {
    await expect(createGenerator(modelFolder, { dtype, ...options })).rejects.toThrow(coded(code));
  });

  it.each([
    [{ logits_processor: [] }, "unsupported-host"],
    [{ min_p: 0.1 }, "unsupported-host"],
    [{ num_return_sequences: 3 }, "unsupported-host"],
    [{ temperature: -1 }, "bad-argument"],
  ])("generation options %o", (extra, code) => {
    expect(() => markedGeneration(gumbel(key), { do_sample: true, ...extra })).toThrow(coded(code));
  });
});

it("a folder without the optional generation_config.json loads and writes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tokenmark-model-"));
  try {
    cpSync(modelFolder, folder, { recursive: true });
    rmSync(join(folder, "generation_config.json"));
    const generator = await createGenerator(folder, { dtype });
    const { tokens } = await generator.generate("The people", { maxTokens: 5, endTokens: [], seed: 1 });
    expect(tokens).toHaveLength(5);
    await generator.dispose();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
