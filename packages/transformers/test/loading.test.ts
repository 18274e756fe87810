import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { env } from "@huggingface/transformers";
import { TokenmarkError } from "@tokenmark/core";
import { afterEach, describe, expect, test } from "vitest";
import { createGenerator, loadTokenizer } from "../src/index.ts";
import { dtype, modelFolder } from "./model-folder.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function copyWithout(...files: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "tokenmark-model-"));
  made.push(folder);
  cpSync(modelFolder, folder, { recursive: true });
  for (const file of files) rmSync(join(folder, file), { force: true });
  return folder;
}

async function errorOf(promise: Promise<unknown>): Promise<TokenmarkError> {
  const error = await promise.then(
    () => new Error("wanted an error, got none"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TokenmarkError);
  expect((error as TokenmarkError).message).not.toContain("\n");
  return error as TokenmarkError;
}

describe("a folder", () => {
  test.each(["config.json", "tokenizer.json", "tokenizer_config.json"])(
    "without %s is refused by name",
    async (file) => {
      const folder = copyWithout(file);
      for (const load of [loadTokenizer, createGenerator]) {
        expect(await errorOf(load(folder, { dtype }))).toMatchObject({
          code: "model-incomplete",
          message: expect.stringContaining(`the file ${file}`),
        });
      }
    },
  );

  test("without the dtype's ONNX file is refused, and the dtypes that it has are named; its tokenizer still loads", async () => {
    const error = await errorOf(createGenerator(modelFolder, { dtype: "fp16" }));
    expect(error).toMatchObject({
      code: "model-incomplete",
      message: expect.stringMatching(/onnx\/model_fp16\.onnx.*q8/),
    });
    const folder = copyWithout("onnx/model_quantized.onnx");
    expect((await errorOf(createGenerator(folder))).message).toContain("no ONNX file");
    expect((await loadTokenizer(folder)).encode("a")).not.toHaveLength(0);
  });

  test("with a broken file is refused in one sentence", async () => {
    for (const file of ["config.json", "tokenizer.json", "onnx/model_quantized.onnx"]) {
      const folder = copyWithout();
      rmSync(join(folder, file));
      writeFileSync(join(folder, file), "{ broken");
      expect((await errorOf(createGenerator(folder))).code).toBe("model-incomplete");
    }
  });

  test("may be named by a relative path, and its dtype is found", async () => {
    const generator = await createGenerator(relative(process.cwd(), modelFolder));
    expect(generator.contextLength).toBeGreaterThan(0);
    await generator.dispose();
  });
});

describe("a name that is no folder", () => {
  test("is refused if it can be no hub id either", async () => {
    for (const name of ["./missing", "/missing/model", "a/b/c", "../x"]) {
      expect((await errorOf(createGenerator(name))).code).toBe("model-not-found");
    }
    expect((await errorOf(createGenerator(""))).code).toBe("bad-argument");
  });

  test("is asked of the hub; without a network one sentence says so, a missing model or file is named, and a whole model loads", async () => {
    const original = env.fetch;
    try {
      env.fetch = () => Promise.reject(new TypeError("fetch failed"));
      expect((await errorOf(createGenerator("nobody/offline-model"))).code).toBe("network");
      expect((await errorOf(loadTokenizer("nobody/offline-tokenizer"))).code).toBe("network");
      env.fetch = () => Promise.resolve(new Response("", { status: 404 }));
      expect((await errorOf(createGenerator("nobody/absent-model"))).code).toBe("model-not-found");
      // A repository that has everything but its tokenizer, then everything but the model itself.
      const serve = (has: RegExp) => (input: string | URL) => {
        const file = String(input).split("/main/")[1]!;
        const body = has.test(file) ? readFileSync(join(modelFolder, file)) : "";
        return Promise.resolve(new Response(body, { status: has.test(file) ? 200 : 404 }));
      };
      const cacheDir = mkdtempSync(join(tmpdir(), "tokenmark-cache-"));
      made.push(cacheDir);
      env.fetch = serve(/config\.json$/);
      const half = await errorOf(loadTokenizer("nobody/half-a-model", { cacheDir }));
      expect(half).toMatchObject({ code: "model-incomplete", message: expect.stringContaining("tokenizer.json") });
      env.fetch = serve(/json$/);
      const bare = await errorOf(createGenerator("nobody/no-weights", { cacheDir, dtype: "q8" }));
      expect(bare).toMatchObject({
        code: "model-incomplete",
        message: expect.stringContaining("onnx/model_quantized.onnx"),
      });
      env.fetch = serve(/./);
      const generator = await createGenerator("nobody/whole-model", { cacheDir, dtype: "q8" });
      expect(generator.identity.sha256).toBe((await loadTokenizer(modelFolder)).identity.sha256);
    } finally {
      env.fetch = original;
    }
  });
});

test("loading, writing and failing print nothing", () => {
  const script = `
    import { createGenerator } from "@tokenmark/transformers";
    const generator = await createGenerator(${JSON.stringify(modelFolder)}, { dtype: "q8" });
    await generator.generate("A dog", { maxTokens: 5, seed: 1 });
    await generator.reader.entropies([999999]).catch(() => {});
    await createGenerator("/missing").catch(() => {});
  `;
  const flags = ["--conditions=@tokenmark/source", "--import", "tsx", "--input-type=module", "-e", script];
  // stderr joins stdout: both must stay empty.
  const output = execFileSync("sh", ["-c", 'exec "$0" "$@" 2>&1', process.execPath, ...flags], {
    cwd: new URL("..", import.meta.url),
    env: { ...process.env, NODE_OPTIONS: "" },
    encoding: "utf8",
  });
  expect(output).toBe("");
});
