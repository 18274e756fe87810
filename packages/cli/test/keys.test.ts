import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { answer } from "./run-in-process.ts";
import { type Ended, temporaryFolder, tokenmark } from "./run-tokenmark.ts";

const cwd = temporaryFolder();
const path = (name: string): string => join(cwd, name);
const said: Ended[] = [];
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const result = await answer(args, { cwd, env });
  said.push(result);
  return result;
}
const detect = (...args: string[]): string[] => ["detect", "--scheme", "gumbel", "text.txt", ...args];
let secret: string;

beforeAll(async () => {
  const made = await run(["keygen", "--out", "a.key"]);
  expect(made).toMatchObject({ status: 0, stderr: "" });
  expect(made.stdout).toMatch(/^[0-9a-f]{16}\n$/);
  secret = readFileSync(path("a.key"), "utf8").trim();
  writeFileSync(path("text.txt"), "a text");
});

describe("keygen", () => {
  it("writes 256 bits that only the owner can read, and prints the key's id alone", () => {
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(path("a.key")).mode & 0o777).toBe(0o600);
  });

  it("leaves a file that exists alone, unless --force, which replaces even a file that others could read", async () => {
    writeFileSync(path("kept.key"), "precious", { mode: 0o644 });
    expect(await run(["keygen", "--out", "kept.key"])).toMatchObject({ status: 2, stdout: "" });
    expect(readFileSync(path("kept.key"), "utf8")).toBe("precious");
    expect(await run(["keygen", "--out", "kept.key", "--force"])).toMatchObject({ status: 0 });
    expect(readFileSync(path("kept.key"), "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(path("kept.key")).mode & 0o777).toBe(0o600);
  });

  it("refuses to print a key, and to write where there is no folder", async () => {
    expect(await run(["keygen", "--out", "-"])).toMatchObject({ status: 2, stdout: "" });
    expect(existsSync(path("-"))).toBe(false);
    const nowhere = await run(["keygen", "--out", "no/such/a.key"]);
    expect(nowhere.status).toBe(2);
    expect(nowhere.stderr).toMatch(
      /^tokenmark: key file no\/such\/a\.key: cannot be written, there is no such file\n$/,
    );
  });
});

describe("a key", () => {
  it("comes from --key-file or TOKENMARK_KEY, and means the same", async () => {
    const [byFile, byVariable] = await Promise.all([
      run(detect("--json", "--key-file", "a.key")),
      run(detect("--json"), { TOKENMARK_KEY: secret }),
    ]);
    expect(byFile.status).toBe(0);
    expect(byVariable).toEqual(byFile);
  });

  const refusals: readonly [why: string, args: () => readonly string[], env: () => Record<string, string>, RegExp][] = [
    ["no key at all", () => [], () => ({}), /wanted --key-file FILE or TOKENMARK_KEY/],
    [
      "a missing file",
      () => ["--key-file", "none.key"],
      () => ({}),
      /none\.key: cannot be read, there is no such file/,
    ],
    ["a folder", () => ["--key-file", "folder"], () => ({}), /folder: cannot be read, it is a folder/],
    [
      "a file of another length",
      () => ["--key-file", "short.key"],
      () => ({}),
      /short\.key: wanted 64 hex digits.*got 62/,
    ],
    ["a file that is no hex", () => ["--key-file", "text.key"], () => ({}), /text\.key: wanted 64 hex digits/],
    ["a large file", () => ["--key-file", "large.key"], () => ({}), /large\.key: wanted 64 hex digits, got 5000 bytes/],
    [
      "a variable of another length",
      () => [],
      () => ({ TOKENMARK_KEY: secret.slice(2) }),
      /TOKENMARK_KEY: wanted 64 hex/,
    ],
    ["a key as an argument", () => ["--key", secret], () => ({}), /--key: a key is never an argument/],
    ["a key as an argument with =", () => [`--key=${secret}`], () => ({}), /--key: a key is never an argument/],
    ["a key where a file name belongs", () => ["--key-file", secret], () => ({}), /hidden: looks like a key/],
    ["a key in an option nobody knows", () => [`--k=${secret}`], () => ({}), /hidden: looks like a key/],
  ];
  it.each(refusals)("is refused: %s", async (_why, args, env, message) => {
    mkdirSync(path("folder"), { recursive: true });
    for (const [name, text] of [
      ["short.key", secret.slice(2)],
      ["text.key", "z".repeat(64)],
      ["large.key", " ".repeat(5000)],
    ] as const)
      writeFileSync(path(name), text, { mode: 0o600 });
    const result = await run(detect(...args()), env());
    expect(result).toMatchObject({ status: 2, stdout: "" });
    expect(result.stderr).toMatch(message);
  });

  it.skipIf(process.platform === "win32").each([0o604, 0o640, 0o644, 0o660])(
    "is refused in a file of mode %o, with the command that helps",
    async (mode) => {
      copyFileSync(path("a.key"), path("open.key"));
      chmodSync(path("open.key"), mode);
      const result = await run(detect("--key-file", "open.key"));
      expect(result).toMatchObject({ status: 2, stdout: "" });
      expect(result.stderr).toMatch(/open\.key: others than its owner have access .*chmod 600 open\.key/);
    },
  );

  it("is refused by the process as well, and its status and sentence are the same", async () => {
    const args = detect("--key-file", "none.key");
    expect(await tokenmark(args, { cwd })).toEqual(await run(args));
  });

  it("is never in anything that was said, nor is a stack", () => {
    expect(said.length).toBeGreaterThan(15);
    for (const { stdout, stderr } of said) {
      expect(stdout + stderr).not.toContain(secret.slice(0, 32));
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});
