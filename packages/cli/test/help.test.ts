import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../src/program.ts";
import { answer } from "./run-in-process.ts";
import { temporaryFolder } from "./run-tokenmark.ts";

const cwd = temporaryFolder();
const program = createProgram({ signal: new AbortController().signal, end: () => {} });
const pathsOf = (command: Command): string[][] =>
  command.commands.flatMap((child) => [[child.name()], ...pathsOf(child).map((rest) => [child.name(), ...rest])]);
const paths = pathsOf(program);

describe("help", () => {
  it("of the whole says how it goes, where keys come from and what the exit statuses mean", async () => {
    const { status, stdout } = await answer(["--help"], { cwd });
    expect(status).toBe(0);
    for (const wanted of [/tokenmark keygen --out a\.key/, /TOKENMARK_KEY/, /chmod 600/, /Exit status: 0 .* 1 .* 2 /])
      expect(stdout).toMatch(wanted);
  });

  it.each(paths.map((path) => path.join(" ")))("of %s has an example that starts with its name", async (path) => {
    const { status, stdout } = await answer([...path.split(" "), "--help"], { cwd });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Examples?:$/m);
    expect(stdout).toContain(`\n  tokenmark ${path} `.trimEnd());
  });

  it("is what a call without a command gets, with status 2", async () => {
    const { status, stdout, stderr } = await answer([], { cwd });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^Usage: tokenmark/);
  });

  it("names the version that package.json has", async () => {
    expect((await answer(["--version"], { cwd })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
