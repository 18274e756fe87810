import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { goldenOperations } from "@tokenmark/engines";
import { describe, expect, it } from "vitest";
import { markedFolder } from "./marked-folder.ts";

const { write, run } = markedFolder();
const vectors = fileURLToPath(new URL("../../engines/test/vectors/", import.meta.url));

interface Case {
  readonly id: string;
  readonly op: string;
  output: Record<string, unknown> & { actual: Record<string, unknown> };
}

function golden(file: string): { readonly format: string; readonly cases: readonly Case[] } {
  return JSON.parse(readFileSync(join(vectors, file), "utf8"));
}

describe("tokenmark conformance", () => {
  it("names every failed case for machines, not only the first of an op", async () => {
    const file = golden("engines-vllm-prf.json");
    const changed = file.cases.filter(({ op }) => op === "vllm_derive_keys").slice(1, 3);
    for (const one of changed) one.output.key_b = String(one.output.key_b).replace(/\d$/, (d) => `${(+d + 1) % 10}`);
    write("changed.json", JSON.stringify(file));
    const { status, stdout } = await run("conformance", "--json", "changed.json", "missing.json");
    const { passed, failed, rows } = JSON.parse(stdout);
    expect({ status, passed, failed }).toEqual({ status: 1, passed: 71, failed: 3 });
    const row = rows.find(({ op }: { op: string }) => op === "vllm_derive_keys");
    expect(row.failures).toEqual(
      changed.map(({ id, output }) => ({
        id,
        path: "output.key_b",
        expected: JSON.stringify(output.key_b),
        got: expect.stringMatching(/^"\d+"$/),
        differences: 1,
      })),
    );
    expect(rows.at(-1)).toMatchObject({
      file: "missing.json",
      failed: 1,
      first: "cannot be read: there is no such file",
    });
  });

  it("reads a diagnosed text with the second key that only the answer tells, so that another one fails", async () => {
    const file = golden("engines-traps.json");
    const [dual] = file.cases.filter(({ id }) => id === "sglang-single-of-dual");
    const changes: readonly (readonly [string, (output: Case["output"]) => void])[] = [
      ["none", () => undefined],
      ["key_b", ({ actual }) => Object.assign(actual, { key_b: "0f1e2d3c4b5a6979" })],
      ["mixing_probability", ({ actual }) => Object.assign(actual, { mixing_probability: 0.6 })],
      ["log10_p_actual", (output) => Object.assign(output, { log10_p_actual: -244.1871007128998 })],
    ];
    const cases = changes.map(([id, change]) => {
      const copy = structuredClone({ ...dual!, id });
      change(copy.output);
      return copy;
    });
    write("traps.json", JSON.stringify({ ...file, cases }));
    const { stdout } = await run("conformance", "--json", "traps.json");
    const [{ passed, failures }] = JSON.parse(stdout).rows;
    expect({ passed, failed: failures.map(({ id }: { id: string }) => id) }).toEqual({
      passed: 1,
      failed: ["key_b", "mixing_probability", "log10_p_actual"],
    });
  });

  it("diagnoses with the engine's own p, which counts contexts that the prompt has too", async () => {
    const file = golden("engines-traps.json");
    const [{ params, input }] = file.cases.filter(({ id }) => id === "sglang-window") as unknown as readonly [
      { readonly params: { readonly declared: object }; readonly input: { readonly tokens: readonly number[] } },
    ];
    // The prompt ends like the text's middle, so one context of the text is the prompt's.
    const shared = { tokens: input.tokens, prompt: [...input.tokens.slice(100, 112), 3, 1, 4] };
    const engine = goldenOperations.find(({ op }) => op === "sglang_detect")!;
    const right = { key: "0123456789abcdef", context_window: 4 };
    const detect = engine.run({ id: "shared-context", params: right, input: shared });
    const { exact_log10_p } = (detect as { result: { combined: { exact_log10_p: number } } }).result.combined;
    expect(exact_log10_p).toBeLessThan(-100);
    const cases = [
      {
        id: "shared-context",
        op: "diagnose",
        params: { ...params, declared: right },
        input: shared,
        output: { log10_p_declared: exact_log10_p },
        tolerance: { rel: 1e-9 },
      },
    ];
    write("shared.json", JSON.stringify({ ...file, cases }));
    expect(await run("conformance", "shared.json")).toMatchObject({ status: 0 });
  });
});
