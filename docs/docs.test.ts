import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
// Blocks import our packages, so they run from a folder of the examples package, which depends on all of them.
const blocksFolder = join(root, "examples", ".blocks");
const COMMAND = "npx -y pnpm@10 -s tokenmark";

/** README and docs of the root and of every package. */
function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return /^(node_modules|dist|out|vectors|results|model|\..*)$/.test(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

interface Block {
  readonly file: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

const blocks: Block[] = markdownFiles(root).flatMap((path) => {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    file: relative(root, path),
    line: text.slice(0, match.index).split("\n").length,
    language: match[1]!,
    code: match[2]!,
  }));
});

afterAll(() => rmSync(blocksFolder, { recursive: true, force: true }));

describe("code in README and docs", () => {
  it("is TypeScript or shell that is executed here, or plain text, JSON", () => {
    expect(blocks.filter(({ language }) => !["ts", "sh", "text", "json"].includes(language))).toEqual([]);
    expect(blocks.some(({ file, language }) => file === "README.md" && language === "ts")).toBe(true);
  });

  it.each(blocks.filter(({ language }) => language === "ts"))(
    "runs: $file, line $line",
    async ({ file, line, code }) => {
      mkdirSync(blocksFolder, { recursive: true });
      const path = join(blocksFolder, `${file.replaceAll(/\W/g, "-")}-${line}.ts`);
      writeFileSync(path, code);
      const log = vi.spyOn(console, "log").mockImplementation(() => {});
      try {
        await import(pathToFileURL(path).href);
        for (const [first] of log.mock.calls) expect(first).toBeDefined();
      } finally {
        log.mockRestore();
      }
    },
  );

  const shell = new Map<string, Block[]>();
  for (const block of blocks) {
    if (block.language !== "sh" || !block.code.includes(COMMAND)) continue;
    shell.set(block.file, [...(shell.get(block.file) ?? []), block]);
  }
  it.each([...shell])("runs the command lines of %s, in order, in one folder", (_file, sections) => {
    const folder = mkdtempSync(join(tmpdir(), "tokenmark-docs-"));
    const source = `"${process.execPath}" --conditions=@tokenmark/source --import "${pathToFileURL(join(root, "node_modules/tsx/dist/loader.mjs")).href}" "${join(root, "packages/cli/src/main.ts")}"`;
    try {
      for (const { code } of sections) {
        for (const line of code.split("\n").filter((line) => line.includes(COMMAND))) {
          const wanted = /#.*exit (\d)/.exec(line)?.[1] ?? "0";
          const run = spawnSync("sh", ["-c", line.replaceAll(COMMAND, () => source)], {
            cwd: folder,
            encoding: "utf8",
          });
          expect(`${line}\n${run.status}${run.status === Number(wanted) ? "" : run.stderr}`).toBe(`${line}\n${wanted}`);
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
