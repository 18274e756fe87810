import { Key } from "@tokenmark/core";
import { modelFolder } from "@tokenmark/demo-model";
import type { TraceReport } from "@tokenmark/radioactivity";
import { beforeAll, describe, expect, it } from "vitest";
import { auditFolder } from "./audit-folder.ts";

const { write, read, run, dataset, foreignModel, otherModel } = auditFolder();
const LABELS = ["account 1", "account 2", "account 3"];
const q8 = ["--dtype", "q8"];

/** The marked text as an answer to somebody, or to nobody. */
const line = (profile: string | null): string => `${JSON.stringify({ ...JSON.parse(dataset()), profile })}\n`;
const keyIdOf = (label: string): string => Key.fromHex(read("a.key")).derive(label).id;
const trace = (...args: string[]) =>
  run("audit-model", "trace", "--profile", "p.json", "--transcripts", "t.jsonl", "--key-file", ...args);

beforeAll(() => {
  write("accounts.txt", `${LABELS.join("\r\n")}\n\n`);
  write("t.jsonl", line(keyIdOf("account 2")) + line(null));
});

describe("keygen", () => {
  it("derives an account's key from a master key, the same every time, and never prints it", async () => {
    const made = await run("keygen", "--from", "a.key", "--label", "account 2", "--out", "2.key");
    expect(made).toMatchObject({ status: 0, stdout: `${keyIdOf("account 2")}\n`, stderr: "" });
    expect(read("2.key").trim()).toBe(Key.fromHex(read("a.key")).derive("account 2").exportHex());
    for (const [flags, message] of [
      [["--label", "x"], /--label: wanted --from beside it, got none/],
      [["--from", "a.key"], /--from: wanted --label beside it, got none/],
      [["--from", "a.key", "--label", ""], /label: wanted a non-empty string/],
      [["--from", "a.key", "--label", "x "], /--label: wanted a label without spaces around it, got "x "/],
      [["--from", "x.key", "--label", "x", "--force"], /--out: wanted another file than the master key's, got x\.key/],
      [["--from", "no.key", "--label", "x"], /key file no\.key: cannot be read/],
    ] as const) {
      expect(await run("keygen", "--out", "x.key", ...flags)).toMatchObject({
        status: 2,
        stdout: "",
        stderr: expect.stringMatching(message),
      });
    }
  });
});

describe("tokenmark audit-model trace", () => {
  it("names nobody by a model that saw nobody's answers, and says that this clears nobody", async () => {
    write("t.jsonl", line(keyIdOf("account 2")) + line(null) + line("0".repeat(16)));
    const answer = await trace(
      "a.key",
      "--accounts",
      "accounts.txt",
      "--model",
      modelFolder,
      ...q8,
      "--out",
      "r2.json",
    );
    expect(answer).toMatchObject({ status: 0 });
    expect(answer.stderr).toContain("read 2 of 2 transcripts");
    expect(answer.stdout).toContain("left out under other keys: 1");
    expect(answer.stdout).toContain("family-wise error 0.000001 (Holm)");
    expect(answer.stdout).toContain("No key is named. That clears nobody.");
    const report = JSON.parse(read("r2.json")) as TraceReport;
    expect(report).toMatchObject({ correctedFor: 3, named: [], leftOut: 1, probe: { transcripts: 2 } });
    expect(await run("audit-model", "report", "r2.json")).toMatchObject({ status: 0, stdout: answer.stdout });
    write("bent.json", read("r2.json").replace("trace-report/1", "trace-report/2"));
    expect(await run("audit-model", "report", "bent.json")).toMatchObject({ status: 2, stdout: "" });
    expect(LABELS).toContain(report.next!.id);
    expect(answer.stdout + answer.stderr + read("r2.json")).not.toContain("5a5a5a");
  });

  it("takes the accounts' own keys as well, by their public ids", async () => {
    await run("keygen", "--from", "a.key", "--label", "account 2", "--out", "two.key");
    const answer = await trace("two.key", "other.key", "--model", modelFolder, ...q8, "--clean", otherModel());
    expect(answer).toMatchObject({ status: 0 });
    expect(answer.stdout).toContain("2 registered keys");
    expect(answer.stdout).toMatch(/Clean models under the right key: .*SHA-256 [0-9a-f]{16}…/);
  });

  it("refuses answers that leave nothing to score under any key: that is no clearance", async () => {
    write("empty.jsonl", `${JSON.stringify({ ...JSON.parse(dataset()), tokens: [], profile: null })}\n`);
    const args = ["--accounts", "accounts.txt", "--model", modelFolder, ...q8, "--transcripts", "empty.jsonl"];
    expect(await trace("a.key", ...args)).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/keys: wanted units of the suspect to score under one of them, got none/),
    });
  });

  it("refuses accounts that nobody can read or that are one twice, several masters, foreign models and logs of nobody here", async () => {
    write("none.txt", "\n \n");
    write("twice.txt", "account 1\naccount 1\n");
    write("tabbed.txt", "account\t1\n");
    write("padded.txt", "account 1 \n");
    write("strangers.jsonl", line("0".repeat(16)));
    const model = ["--model", modelFolder, ...q8];
    const foreign = foreignModel();
    for (const [args, message] of [
      [["a.key", "--accounts", "none.txt", ...model], /--accounts: wanted a label a line, got none/],
      [["a.key", "--accounts", "twice.txt", ...model], /--accounts: wanted each label once, got account 1 twice/],
      [
        ["a.key", "--accounts", "padded.txt", ...model],
        /--accounts: wanted labels without spaces around them, got "account 1 "/,
      ],
      [
        ["a.key", "--accounts", "tabbed.txt", ...model],
        /--accounts: wanted labels without control characters, got "account\\t1"/,
      ],
      [["a.key", "a.key", ...model], /--key-file: wanted each key once, got [0-9a-f]{16} twice/],
      [
        ["a.key", "--accounts", "accounts.txt", ...model, "--wrong-keys", "1"],
        /--wrong-keys: wanted at least 20, got 1/,
      ],
      [["a.key", "other.key", "--accounts", "accounts.txt", ...model], /--key-file: wanted one master key .* got 2/],
      [["a.key", "--accounts", "no.txt", ...model], /no\.txt/],
      [
        ["a.key", "--accounts", "accounts.txt", "--model", foreign, ...q8],
        /wanted the tokenizer that the transcripts' ids belong to, got another, whose predictions cannot be scored\n/,
      ],
      [
        ["a.key", "--accounts", "accounts.txt", ...model, "--clean", modelFolder],
        /--clean: wanted each model once, and no suspect among its controls, got weights twice/,
      ],
      [["a.key", "--accounts", "accounts.txt", ...model, "--alpha", "2"], /--alpha: wanted a number strictly between/],
      [
        ["a.key", "--accounts", "accounts.txt", ...model, "--transcripts", "strangers.jsonl"],
        /transcripts: wanted some with the "profile" of a registered key/,
      ],
    ] as const) {
      const answer = await trace(...args);
      expect(answer).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(message) });
      expect(answer.stderr).not.toContain("5a5a5a");
    }
  }, 60_000);
});
