import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Key } from "@tokenmark/core";
import { formatTranscripts, parseTranscripts, type TraceReport } from "@tokenmark/radioactivity";
import { describe, expect, it } from "vitest";
import { meanLoss, perplexityChange } from "../src/distill/answer-losses.ts";
import type { DistillConfig } from "../src/distill/distill-config.ts";
import { formatDistill } from "../src/distill/distill-report.ts";
import type { DistillResults, TracingRow } from "../src/distill/distill-results.ts";
import { runDistill } from "../src/distill/run-distill.ts";
import { sha256 } from "../src/survival/sha256.ts";

const loader = import.meta.resolve("tsx");
const main = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));

/** A strong mark and a tiny student: what a minute can show. */
const tiny: DistillConfig = {
  name: "tiny",
  schemes: [
    { label: "kgw h=1", config: { scheme: "kgw", gamma: 0.25, delta: 8, seeding: "lefthash", contextWidth: 1 } },
  ],
  shares: [0, 1],
  answers: [40],
  students: [{ label: "tiny", layers: 1, width: 64, heads: 1, hidden: 128, epochs: 60, start: "scratch" }],
  prompts: "bundled",
  datasets: {},
  datasetShape: "messages",
  answerTokens: 80,
  temperatures: [1],
  seeds: ["1"],
  rounds: 2,
  removals: ["none", "targeted", "neutralise"],
  neutralisers: [2, 6],
  defences: [
    {
      label: "two keys",
      parts: Array.from({ length: 2 }, () => ({
        scheme: "kgw" as const,
        gamma: 0.25,
        delta: 8,
        seeding: "lefthash" as const,
        contextWidth: 1,
      })),
    },
  ],
  tracing: { registered: 50, alpha: 0.01 },
  cleanControls: 2,
  cleanEpochs: 60,
  controlTranscripts: 4,
  wrongKeys: 50,
  closedAnswers: 8,
  closedTemperature: 0.8,
  baseAnswers: 0,
};

/** A file of the work folder's datasets by the beginning of its name, which a digest ends. */
function datasetFile(workFolder: string, name: string, ending: string): string {
  const folder = join(workFolder, "datasets");
  const found = readdirSync(folder).filter((file) => file.startsWith(`${name}-`) && file.endsWith(ending));
  expect(found).toHaveLength(1);
  return join(folder, found[0]!);
}

describe("distillation", () => {
  const workFolder = mkdtempSync(join(tmpdir(), "tokenmark-distill-"));
  const open = (results: DistillResults, share: number) =>
    results.students.find((row) => row.share === share)!.modes.find(({ mode }) => mode === "open")!;
  let first: DistillResults;

  it("a student of marked answers is found from its own predictions, one of unmarked answers is not", async () => {
    first = await runDistill(tiny, { workFolder });
    expect(first.failed).toEqual([]);
    expect(open(first, 1).log10PValue).toBeLessThan(-6);
    expect(open(first, 0).log10PValue).toBeGreaterThan(-3);
    expect(open(first, 1).unitsToLevel).toBeLessThan(open(first, 1).tokensScored);
    for (const { log10PValue } of first.controls) expect(log10PValue).toBeGreaterThan(-3);
  }, 400_000);

  it("leaves the teacher's answers as a dataset that the audit reads: texts, ids, and the key's public id", () => {
    const [marked, unmarked] = ["kgw-h=1-1-at-1", "unmarked-1-at-1"].map((name) =>
      parseTranscripts(readFileSync(datasetFile(workFolder, name, ".jsonl"), "utf8"), { encode: () => [] }),
    );
    expect(marked!).toHaveLength(40);
    expect(marked![0]).toMatchObject({ hasOwnIds: true, profile: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(marked!.every(({ tokens }) => tokens.length === 80)).toBe(true);
    expect(unmarked![0]!.profile).toBeNull();
  });

  it("trains on answers that come as files, in either shape, as it does on its own, and writes the files no more", async () => {
    const [marked, unmarked] = ["kgw-h=1-1-at-1", "unmarked-1-at-1"].map((name) => {
      const text = readFileSync(datasetFile(workFolder, name, ".jsonl"), "utf8");
      const file = join(workFolder, `instruction-${name}.jsonl`);
      writeFileSync(file, formatTranscripts(parseTranscripts(text, { encode: () => [] }), "instruction"));
      return file;
    });
    const other = mkdtempSync(join(tmpdir(), "tokenmark-distill-given-"));
    const quiet = { removals: [], defences: [], tracing: null, cleanControls: 0, rounds: 1, shares: [1] } as const;
    const config: DistillConfig = { ...tiny, ...quiet, datasetShape: "instruction" };
    const given = { ...config, datasets: { "kgw h=1": marked!, unmarked: unmarked! } };
    try {
      const again = await runDistill(given, { workFolder: other });
      expect(again.students).toHaveLength(1);
      const own = first.students.find(({ share, round }) => share === 1 && round === 1)!;
      expect(again.students[0]!.modes[0]!.log10PValue).toBe(own.modes[0]!.log10PValue);
      expect(existsSync(join(other, "datasets"))).toBe(false);
      await runDistill({ ...config, shares: [] }, { workFolder: other });
      const [line] = readFileSync(datasetFile(other, "kgw-h=1-1-at-1", ".jsonl"), "utf8").split("\n");
      expect(JSON.parse(line!)).toMatchObject({
        instruction: expect.any(String),
        response: expect.any(String),
        profile: expect.any(String),
      });
      for (const [datasets, message] of [
        [{ "kgw h=1": unmarked! }, /wanted the profile [0-9a-f]{16} with every answer for kgw h=1, got null or none/],
        [{ unmarked: marked! }, /wanted the profile null with every answer for unmarked, got [0-9a-f]{16}/],
        [{ "gumbel h=1": marked! }, /datasets: wanted labels among unmarked, kgw h=1, got "gumbel h=1"/],
        [{ unmarked: "no such file" }, /datasets: wanted a file, got no such file/],
      ] as const) {
        await expect(runDistill({ ...config, datasets }, { workFolder: other })).rejects.toThrow(message);
      }
      expect(again.settings.datasets).toMatchObject([
        { label: "kgw h=1", file: "instruction-kgw-h=1-1-at-1.jsonl", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        { label: "unmarked", file: "instruction-unmarked-1-at-1.jsonl" },
      ]);
      expect(formatDistill(again)).toMatch(
        /Answers that were given in files, .*: kgw h=1: instruction-kgw-h=1-1-at-1\.jsonl/,
      );
      // A file that somebody treated is left as it is, and told of.
      const treated = datasetFile(other, "kgw-h=1-1-at-1", ".jsonl");
      writeFileSync(treated, `${line}\n`);
      const notes: string[] = [];
      await runDistill({ ...config, shares: [] }, { workFolder: other, onNote: (note) => notes.push(note) });
      expect(readFileSync(treated, "utf8")).toBe(`${line}\n`);
      expect(notes).toEqual([`${treated} was changed and is left as it is; to train on it, give it with --dataset`]);
      const [head, ...tail] = readFileSync(marked!, "utf8").split("\n");
      const swapped = join(other, "swapped.jsonl");
      writeFileSync(swapped, [tail[0], head, ...tail.slice(1)].join("\n"));
      const mixed = { ...given, datasets: { ...given.datasets, "kgw h=1": swapped } };
      await expect(runDistill(mixed, { workFolder: other })).rejects.toThrow(
        /wanted answers to the same prompts in one order, got another prompt in answer 1/,
      );
      writeFileSync(swapped, JSON.stringify({ ...JSON.parse(head!), tokens: [] }));
      await expect(runDistill({ ...mixed, answers: [2] }, { workFolder: other })).rejects.toThrow(/wanted 2 answers/);
      writeFileSync(swapped, [JSON.stringify({ ...JSON.parse(head!), tokens: [] }), ...tail].join("\n"));
      await expect(runDistill(mixed, { workFolder: other })).rejects.toThrow(
        /wanted a prompt and an answer on every line/,
      );
      const more = { ...given, answers: [41] };
      await expect(runDistill(more, { workFolder: other })).rejects.toThrow(/wanted 41 answers for unmarked, got 40/);
      writeFileSync(unmarked!, readFileSync(unmarked!, "utf8").replace('"tokens":[', '"tokens":[4096,'));
      await expect(runDistill(given, { workFolder: other })).rejects.toThrow(
        /line 1: wanted token ids below 4096, the size of the vocabulary, in "tokens", got 4096/,
      );
    } finally {
      rmSync(other, { recursive: true });
    }
  }, 200_000);

  it("a second round, on answers to what the student wrote itself, adds to what it was sent and to the evidence", () => {
    const [one, two] = first.students.filter(({ share }) => share === 1).map(({ modes }) => modes[0]!);
    expect(two!.positions).toBeGreaterThan(1.5 * one!.positions);
    expect(two!.log10PValue).toBeLessThan(one!.log10PValue);
  });

  it("a copier that takes away what it learnt leaves less, at a cost to its student that grows", () => {
    const by = (strength: number | null, name = "neutralise") =>
      first.removals.find((row) => row.removal === name && row.strength === strength)!;
    const plain = by(null, "none");
    expect(first.removals).toHaveLength(4);
    expect(by(2).modes[0]!.zScore).toBeLessThan(plain.modes[0]!.zScore);
    expect(by(6).modes[0]!.zScore).toBeLessThan(by(2).modes[0]!.zScore);
    expect(by(6).heldOutLoss).toBeGreaterThan(by(2).heldOutLoss);
    expect(by(null, "targeted").modes[0]!.zScore).toBeLessThan(plain.modes[0]!.zScore);
  });

  it("a defence is audited under all its keys, beside a student that never saw them", () => {
    const row = (student: string, strength: number) =>
      first.defences.find((one) => one.student === student && one.strength === strength)!.test;
    expect(first.defences.map(({ strength }) => strength)).toEqual([0, 0, 2, 6]);
    expect(row("marked", 0).log10PValue).toBeLessThan(-6);
    expect(row("clean", 0).log10PValue).toBeGreaterThan(-3);
    expect(row("clean", 0).eitherWayLog10PValue).toBeGreaterThan(-3);
    // So much is taken that the student shuns what the keys prefer: the one-sided test is blind to that, the other is not.
    expect(row("marked", 6).zScore).toBeLessThan(-4);
    expect(row("marked", 6).log10PValue).toBeGreaterThan(-1);
    expect(row("marked", 6).eitherWayLog10PValue).toBeLessThan(-4);
  });

  it("names a customer whose answers a student read among all registered keys, nobody else, and nobody for a clean one", () => {
    expect(first.tracing.map(({ student, read }) => `${student} ${read}`)).toEqual([
      "marked unmarked",
      "marked own",
      "clean unmarked",
      "clean own",
    ]);
    for (const { student, customers, trace } of first.tracing) {
      const named = trace.named.map(({ id }) => Number(id)).sort((a, b) => a - b);
      expect(trace.correctedFor).toBe(50);
      expect(customers).toHaveLength(student === "marked" ? 2 : 0);
      // Twenty short answers of each are hardly enough for both.
      if (student === "marked") expect(named.length).toBeGreaterThan(0);
      expect(customers).toEqual(expect.arrayContaining(named));
      expect(trace.others!.keys).toBeGreaterThan(30);
      expect(trace.others!.atOrBelow[0]).toBeLessThan(6);
    }
  });

  it("leaves a student and what each customer was sent, of which the command line names the same customers", async () => {
    const [, own, , clean] = first.tracing;
    const secret = sha256("tokenmark survival benchmark, keys of 1");
    const master = Key.fromHex(secret);
    const folder = mkdtempSync(join(tmpdir(), "tokenmark-trace-"));
    const path = (name: string): string => join(folder, name);
    const student = (row: TracingRow | undefined): string => join(workFolder, "students", row!.folder);
    // Everything that the command wants stands in the work folder.
    const beside = (ending: string): string => datasetFile(workFolder, "customers-kgw-h=1-1", ending);
    const args = [
      "--profile",
      beside(".profile.json"),
      "--transcripts",
      beside(".jsonl"),
      "--key-file",
      beside(".master.key"),
    ];
    const models = ["--model", student(own), "--clean", student(clean), "--alpha", "0.01", "--out", "trace.json"];
    const command = ["audit-model", "trace", ...args, "--accounts", beside(".accounts.txt"), ...models];
    const { stdout, status } = spawnSync(
      process.execPath,
      ["--conditions=@tokenmark/source", "--import", loader, main, ...command],
      { cwd: folder, encoding: "utf8" },
    );
    expect(status).toBe(1);
    const { named, correctedFor } = JSON.parse(readFileSync(path("trace.json"), "utf8")) as TraceReport;
    expect(named.map(({ id, log10PValue }) => [id, log10PValue])).toEqual(
      own!.trace.named.map(({ id, log10PValue }) => [`kgw h=1/1/customer/${id}`, log10PValue]),
    );
    expect(named.map(({ verdict }) => verdict)).toEqual(named.map(() => "trained-on-marked"));
    expect(correctedFor).toBe(50);
    for (const { id } of named)
      expect(stdout).toContain(`${id}, key ${master.derive(id).id}: TRAINED-ON-MARKED at 0.01`);
    expect(stdout + readFileSync(path("trace.json"), "utf8")).not.toContain(secret.slice(0, 16));
    rmSync(folder, { recursive: true });
  }, 60_000);

  it("goes on from what is there: students that are whole are kept, a lost figure is made again and is the same", async () => {
    rmSync(join(workFolder, "audits"), { recursive: true });
    const students = (): string[] =>
      readdirSync(join(workFolder, "students"))
        .sort()
        .map((name) => `${name} ${statSync(join(workFolder, "students", name, "onnx/model.onnx")).mtimeMs}`);
    const before = students();
    const again = await runDistill(tiny, { workFolder });
    expect({ ...again, date: "" }).toEqual({ ...first, date: "" });
    expect(students()).toEqual(before);
  });

  it("reports every student, control and failure from the results alone", () => {
    const text = formatDistill({ ...first, failed: [{ what: "a student", reason: "no room" }] });
    expect(text.match(/^\| kgw h=1 \| tiny \| 1 \| 40 \|/gm)).toHaveLength(4);
    for (const part of ["Students", "Quality", "Removal", "Defences", "Tracing", "Clean students"]) {
      expect(text).toContain(`## ${part}`);
    }
    expect(text).toContain("- a student: no room");
    expect(text).toMatch(/\| kgw h=1 \| 2 \| 0 \|/);
  });

  it("compares what students with and without the mark write under the teacher, prompt by prompt, with an interval", () => {
    const [clean, marked] = [0, 1].map((share) => first.students.find((row) => row.share === share)!);
    const losses = marked!.answerLosses!;
    expect(losses).toHaveLength(8);
    expect(Math.exp(meanLoss(losses))).toBeCloseTo(marked!.perplexityUnderTeacher!, 9);
    const { change, interval } = perplexityChange(losses, clean!.answerLosses!);
    expect(change).toBeCloseTo(marked!.perplexityUnderTeacher! / clean!.perplexityUnderTeacher! - 1, 9);
    expect(interval!.lower).toBeLessThan(change);
    expect(interval!.upper).toBeGreaterThan(change);
    // Twice the nats of a student against itself: no doubt about the square.
    const doubled = losses.map(([nats, tokens]) => [2 * nats, tokens] as const);
    expect(perplexityChange(losses, losses)).toEqual({ change: 0, interval: { lower: 0, upper: 0 } });
    expect(perplexityChange(doubled, losses).change).toBeCloseTo(marked!.perplexityUnderTeacher! - 1, 9);
    expect(formatDistill(first)).toMatch(
      /perplexity, all marked \| change \|\n.*\n.*\([+-][\d.]+ % to [+-][\d.]+ %\) \|\n/,
    );
  });
});
