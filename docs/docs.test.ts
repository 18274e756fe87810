import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

/** A line that says what it logs: `console.log(verdict, p); // => marked`. */
const CLAIM = /^(\s*console\.log\()(.*\);) \/\/ => (.+)$/;
const MARKER = "claim of line";

/** The code with each claim's number put before what its line logs, and the claims by line number. */
function withClaims(code: string): { readonly code: string; readonly claims: ReadonlyMap<number, string> } {
  const claims = new Map<number, string>();
  const lines = code.split("\n").map((line, i) => {
    const claim = CLAIM.exec(line);
    if (claim === null) return line;
    claims.set(i, claim[3]!);
    return `${claim[1]}"${MARKER}", ${i}, ${claim[2]}`;
  });
  return { code: lines.join("\n"), claims };
}

/** What each claim's line logged, as far as the claim goes: it may name the first arguments only. */
function keptClaims(claims: ReadonlyMap<number, string>, calls: readonly unknown[][]): ReadonlyMap<number, string> {
  const kept = new Map<number, string>();
  for (const [marker, line, ...logged] of calls) {
    const claim = marker === MARKER && typeof line === "number" ? claims.get(line) : undefined;
    if (claim === undefined) continue;
    const text = logged.map(String).join(" ");
    // A line that runs several times has to be right every time.
    if (kept.get(line as number) === undefined || kept.get(line as number) === claim)
      kept.set(line as number, text.startsWith(`${claim} `) ? claim : text);
  }
  return kept;
}

afterAll(() => rmSync(blocksFolder, { recursive: true, force: true }));

describe("code in README and docs", () => {
  it("is TypeScript or shell that is executed here, or plain text, JSON", () => {
    expect(blocks.filter(({ language }) => !["ts", "sh", "text", "json"].includes(language))).toEqual([]);
    expect(blocks.some(({ file, language }) => file === "README.md" && language === "ts")).toBe(true);
  });

  it("says in comments what it logs, and a comment that is wrong or is never reached is found out", () => {
    expect(blocks.filter(({ code }) => withClaims(code).claims.size > 0).map(({ file }) => file)).toContain(
      "packages/detector/README.md",
    );
    const { code, claims } = withClaims("f();\nconsole.log(a, b); // => marked\n  console.log(c); // => -13.5 exact");
    expect(code).toBe(`f();\nconsole.log("${MARKER}", 1, a, b);\n  console.log("${MARKER}", 2, c);`);
    const logged = (...values: [number, ...unknown[]][]) =>
      keptClaims(
        claims,
        values.map((call) => [MARKER, ...call]),
      );
    expect(logged([1, "marked", -160], [2, "-13.5 exact"])).toEqual(claims);
    expect(logged([1, "marked"], [1, "marked"], [2, -13.5, "exact"])).toEqual(claims);
    expect(logged([1, "markedly"], [2, -13.5, "exact"])).not.toEqual(claims);
    expect(logged([1, "marked"], [1, "no-evidence"], [1, "marked"], [2, "-13.5 exact"])).not.toEqual(claims);
    expect(logged([1, "marked"])).not.toEqual(claims);
  });

  it.each(blocks.filter(({ language }) => language === "ts"))(
    "runs: $file, line $line",
    async ({ file, line, code }) => {
      mkdirSync(blocksFolder, { recursive: true });
      const path = join(blocksFolder, `${file.replaceAll(/\W/g, "-")}-${line}.ts`);
      const { code: marked, claims } = withClaims(code);
      writeFileSync(path, marked);
      const log = vi.spyOn(console, "log").mockImplementation(() => {});
      try {
        await import(pathToFileURL(path).href);
        for (const logged of log.mock.calls) expect(logged[0]).toBeDefined();
        expect(keptClaims(claims, log.mock.calls)).toEqual(claims);
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
    // Commands of the docs are given from the repository's root.
    symlinkSync(join(root, "packages"), join(folder, "packages"));
    try {
      for (const { code } of sections) {
        const lines = code.split("\n").filter((line) => line.includes(COMMAND) || /^(echo|\(umask) /.test(line));
        for (const line of lines) {
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
