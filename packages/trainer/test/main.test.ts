import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { TOY_TEXT } from "./toy-text.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "trainer-main-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function trainer(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ["--import", "tsx", main, ...words], { encoding: "utf8" });
}

test("train makes a folder from a text file and shows loss and speed", () => {
  const file = join(folder, "toy.txt");
  writeFileSync(file, TOY_TEXT);
  const sizes = "--vocab 300 --context 16 --width 16 --heads 2 --hidden 24 --steps 5 --threads 1".split(" ");
  const { status, stdout } = trainer("train", file, "--out", join(folder, "model"), "--seed", "s", ...sizes);
  expect(status).toBe(0);
  expect(stdout).toMatch(/step 5\/5 {2}loss \d\.\d+ .* tokens\/s/);
  expect(existsSync(join(folder, "model/onnx/model_quantized.onnx"))).toBe(true);
});

test("a missing corpus is named on stderr, with exit code 1", () => {
  const { status, stderr } = trainer("train", join(folder, "none.txt"), "--out", folder, "--seed", "s");
  expect(status).toBe(1);
  expect(stderr).toMatch(/^corpus-missing: corpus file .*none\.txt does not exist/m);
});
