import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modelFolder } from "@tokenmark/demo-model";
import { describe, expect, it } from "vitest";
import { auditFolder } from "./audit-folder.ts";

/** SHA-256 of JSON with the fields of every object in order. */
function canonicalDigest(value: unknown): string {
  const sorted = JSON.stringify(value, (_, part) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
  return createHash("sha256").update(sorted).digest("hex");
}

const { write, read, run, plan, runPlan, dataset, pieces, otherModel, foreignModel, modelWithout } = auditFolder();
const unfiltered = ["--mode", "closed-unfiltered"];
const few = ["--answers", "12", "--answer-tokens", "20"];
const one = ["--answers", "1", "--answer-tokens", "60"];
const q8 = ["--dtype", "q8"];

describe("the controls of a plan", () => {
  it("have to be there, all of them, before any key is read", async () => {
    await plan("plan.json", ...unfiltered, "--clean", "A", "B", "--base", "X");
    // The key file does not exist: whoever read it would say so.
    const args = "audit-model run plan.json --transcripts t.jsonl --key-file none.key --answers t.jsonl".split(" ");
    const refused = (message: RegExp) => ({ status: 2, stdout: "", stderr: expect.stringMatching(message) });
    expect(await run(...args)).toMatchObject(refused(/clean students as the plan names \(2: A, B\), got 0/));
    expect(await run(...args, "--clean", modelFolder)).toMatchObject(refused(/\(2: A, B\), got 1/));
    expect(await run(...args, "--clean", "a", "b")).toMatchObject(
      refused(/wanted the plan's base model \(X\), got none/),
    );
    expect(await run(...args, "--clean", "a", "b", "--base", "x")).toMatchObject(refused(/none\.key/));
  });

  it("are other weights than the suspect's and than each other's, under whatever name", async () => {
    await plan("plan.json", "--mode", "open", "--clean", "A", "B");
    const twice = /--clean: wanted each model once, .* got weights twice \((\S+) are those of (--\w+) (\S+)\)/;
    const other = otherModel();
    const foreign = foreignModel();
    for (const [models, ...found] of [
      [["--model", modelFolder, "--clean", other, `${modelFolder}/`], `${modelFolder}/`, "--model", modelFolder],
      [["--model", other, "--clean", modelFolder, foreign], foreign, "--clean", modelFolder],
      [["--model", other, "--base", modelFolder, "--clean", foreign, modelFolder], foreign, "--base", modelFolder],
    ] as const) {
      const { status, stdout, stderr } = await runPlan("plan.json", ...models, ...q8);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(twice.exec(stderr)?.slice(1)).toEqual(found);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
  });

  it("are told by their weights, whatever lies beside those", async () => {
    await plan("plan.json", "--mode", "open");
    const copy = foreignModel();
    writeFileSync(join(copy, "onnx", "README.md"), "mine");
    mkdirSync(join(copy, "onnx", "more"), { recursive: true });
    expect(await runPlan("plan.json", "--model", modelFolder, "--clean", copy, ...q8)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/got weights twice/),
    });
  });

  it("may be more than were planned, and the report says so", async () => {
    await plan("plan.json", ...unfiltered, ...one, "--clean", "A");
    const clean = ["--clean", modelFolder, otherModel()];
    const ended = await runPlan("plan.json", "--answers", "t.jsonl", ...clean, ...q8);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toContain("clean students 2 (planned: A), base model 0 (none planned)");
  }, 60_000);
});

describe("bad input", () => {
  const refused = (message: RegExp) => ({ status: 2, stdout: "", stderr: expect.stringMatching(message) });

  it.each(["no/report.json", "."])(
    "a report that could not be written to %s is refused before any model is read",
    async (out) => {
      await plan("plan.json", ...unfiltered);
      // Neither the key nor the model exists: whoever looked for one would say so.
      const missing = ["--key-file", "none.key", "--model", "./none", "--out", out];
      for (const command of [
        ["run", "plan.json"],
        ["trace", "--profile", "p.json"],
      ]) {
        expect(await run("audit-model", ...command, "--transcripts", "t.jsonl", ...missing)).toMatchObject(
          refused(/^tokenmark: \S+: cannot be written, (there is no such file|it is a folder)\n/),
        );
      }
    },
  );

  it.each(["config.json", "tokenizer.json", "onnx/model_quantized.onnx", "onnx"])(
    "a model folder without %s is refused by name, as suspect and as control",
    async (file) => {
      const folder = modelWithout(file);
      await plan("plan.json", ...unfiltered, ...few);
      const message = file.startsWith("onnx") ? /onnx\/model_quantized\.onnx/ : new RegExp(`wanted the file ${file}`);
      expect(await runPlan("plan.json", "--model", folder, ...q8)).toMatchObject(refused(message));
      const asControl = await runPlan("plan.json", "--answers", "t.jsonl", "--clean", folder, ...q8);
      expect(asControl).toMatchObject(refused(message));
      expect(asControl.stderr.trim().split("\n")).toHaveLength(1);
    },
  );

  it("answers that overlap nothing of the transcripts are refused; a handful that do cannot tell, with the number wanted", async () => {
    await plan("plan.json", "--mode", "closed", ...one);
    const row = (tokens: readonly number[]) =>
      `${JSON.stringify({ prompt: "a", text: "elsewhere", prompt_tokens: [0], tokens })}\n`;
    write("elsewhere.jsonl", row(Array.from({ length: 60 }, () => 4095)));
    expect(await runPlan("plan.json", "--answers", "elsewhere.jsonl")).toMatchObject(
      refused(/wanted units that overlap the probe, got none in any test/),
    );
    const { tokens } = JSON.parse(read("r.json")) as { tokens: number[] };
    write("handful.jsonl", row(tokens.slice(0, 15)));
    const handful = await runPlan("plan.json", "--answers", "handful.jsonl");
    expect(handful.status).toBe(0);
    expect(handful.stdout).toMatch(/CANNOT-TELL\n +only \d+ unique units overlap the probe; at least 30 are wanted/);
    expect(handful.stdout).toMatch(/to find this score nine times in ten: \d+ unique units/);
  });

  it("answers are as many and as long as planned, whoever collected them", async () => {
    await plan("plan.json", ...unfiltered, ...few);
    write("pieces.jsonl", pieces(10));
    expect(await runPlan("plan.json", "--answers", "pieces.jsonl")).toMatchObject(
      refused(/answers of pieces\.jsonl .*: wanted 12 answers, as the plan has it, got 10/),
    );
    await plan("short.json", ...unfiltered, "--answers", "12", "--answer-tokens", "4");
    write("pieces.jsonl", pieces(12));
    expect(await runPlan("short.json", "--answers", "pieces.jsonl")).toMatchObject(
      refused(/wanted at most 4 tokens in each, as the plan has it, got 5 in answer 1/),
    );
  });

  it("ids beyond the vocabulary are refused with their line, by plan, run and trace", async () => {
    await plan("plan.json", ...unfiltered, ...one);
    write("beyond.jsonl", dataset().replace('"tokens":[', '"tokens":[99999999999,'));
    const planned = "audit-model plan --profile p.json --transcripts beyond.jsonl --hypothesis h --out x.json";
    const traced = "audit-model trace --profile p.json --transcripts beyond.jsonl --key-file a.key --model";
    const message = /beyond\.jsonl: line 1: wanted token ids below 4096, .* in "tokens", got 99999999999/;
    expect(await run(...planned.split(" "))).toMatchObject(refused(message));
    expect(await run(...traced.split(" "), modelFolder)).toMatchObject(refused(message));
    expect(await runPlan("plan.json", "--answers", "beyond.jsonl")).toMatchObject(refused(message));
  });

  it("prompts that closed modes ask are the plan's, to the letter", async () => {
    await plan("plan.json", ...unfiltered, ...few);
    write("t.jsonl", dataset().replace("The people of the city", "The peoples of the city"));
    expect(await runPlan("plan.json", "--model", modelFolder, ...q8)).toMatchObject(
      refused(/transcripts: wanted those of the plan/),
    );
  });

  it("a file that holds no key is told from one that holds another key", async () => {
    await plan("plan.json", ...unfiltered, ...one);
    write("torn.key", "5a5a5a5a");
    const torn = ["--key-file", "torn.key", "--answers", "t.jsonl"];
    const ended = await run("audit-model", "run", "plan.json", "--transcripts", "t.jsonl", ...torn);
    expect(ended).toMatchObject(refused(/torn\.key: wanted 64 hex digits \(256 bits\), got 8 characters/));
    expect(ended.stderr).not.toContain("5a5a5a");
    const other = "audit-model run plan.json --transcripts t.jsonl --key-file other.key --answers t.jsonl";
    expect(await run(...other.split(" "))).toMatchObject(refused(/wanted the key with id [0-9a-f]{16}, got none/));
  });

  it("collected answers are refused for a plan with open mode, and a control with another tokenizer, before anything is read", async () => {
    await plan("plan.json", "--mode", "open", "closed", ...one);
    expect(await runPlan("plan.json", "--answers", "t.jsonl", "--clean", modelFolder, ...q8)).toMatchObject(
      refused(/--answers: wanted a plan of closed modes alone, got one with open mode/),
    );
    await plan("open.json", "--mode", "open");
    const ended = await runPlan("open.json", "--model", otherModel(), "--clean", foreignModel(), ...q8);
    expect(ended).toMatchObject(refused(/model foreign: wanted the tokenizer that the transcripts' ids belong to/));
    expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("an incomplete clean model is found before the suspect is read", async () => {
    await plan("plan.json", "--mode", "open");
    const folder = modelWithout("tokenizer.json");
    const ended = await runPlan("plan.json", "--model", otherModel(), "--clean", folder, ...q8);
    expect(ended).toMatchObject(refused(/wanted the file tokenizer\.json/));
    expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("a plan without its controls, digested anew, is refused by the field that it lacks", async () => {
    await plan("plan.json", ...unfiltered, ...one);
    const { digest: _, controls: __, ...rest } = JSON.parse(read("plan.json"));
    write("bare.json", JSON.stringify({ ...rest, digest: canonicalDigest(rest) }));
    expect(await runPlan("bare.json", "--answers", "t.jsonl")).toMatchObject(
      refused(/plan: controls\.wrongKeys: wanted an integer of at least 20, got none/),
    );
  });

  it("an answer without its prompt is refused: a clean model may have copied marked text from there", async () => {
    await plan("plan.json", ...unfiltered, "--answers", "1");
    const { tokens, promptTokens } = JSON.parse(read("r.json")) as { tokens: number[]; promptTokens: number[] };
    const quoted = { text: "quoted", tokens };
    write("bare.jsonl", `${dataset()}${JSON.stringify(quoted)}\n`);
    expect(await runPlan("plan.json", "--answers", "bare.jsonl")).toMatchObject(
      refused(/bare\.jsonl: wanted with each answer the prompt .*, got 1 of 2 without/),
    );
    const prompted = { ...quoted, prompt: "Repeat this", prompt_tokens: [...promptTokens, ...tokens] };
    write("quoted.jsonl", `${JSON.stringify(prompted)}\n`);
    expect((await runPlan("plan.json", "--answers", "quoted.jsonl")).status).not.toBe(1);
  });

  it("lines that nobody can read are refused with file and line, in transcripts and in answers", async () => {
    await plan("plan.json", ...unfiltered);
    for (const [bad, message] of [
      ['{"text": "a"', /bad\.jsonl: line 2: wanted JSON/],
      ["[]", /bad\.jsonl: line 2: wanted "messages"/],
      ['{"prompt": "a", "text": 7}', /bad\.jsonl: line 2: wanted a text in "text", got number/],
      ['{"prompt": "a", "text": "b", "tokens": [-1]}', /bad\.jsonl: line 2: wanted token ids in "tokens"/],
      ['{"messages": [{"role": "user", "content": "a"}]}', /bad\.jsonl: line 2: wanted an answer by "assistant"/],
      [
        '{"messages": [null, {"role": "assistant", "content": "a"}]}',
        /bad\.jsonl: line 2: wanted a text in "content", got none/,
      ],
    ] as const) {
      write("bad.jsonl", `${dataset()}${bad}\n`);
      expect(await runPlan("plan.json", "--answers", "bad.jsonl")).toMatchObject(refused(message));
      const asTranscripts = "audit-model run plan.json --transcripts bad.jsonl --key-file a.key --answers t.jsonl";
      expect(await run(...asTranscripts.split(" "))).toMatchObject(refused(message));
    }
    write("empty.jsonl", "\n");
    expect(await runPlan("plan.json", "--answers", "empty.jsonl")).toMatchObject(
      refused(/empty\.jsonl: transcripts: wanted at least one line, got none/),
    );
    expect(await runPlan("plan.json", "--answers", "no-such.jsonl")).toMatchObject(refused(/there is no such file/));
  });

  it("a prompt without ids is refused too where the mark's tokenizer is not at hand: it is the first contexts' part", async () => {
    const { sha256 } = JSON.parse(read("p.json")).tokenizer as { sha256: string };
    write("p.else.json", read("p.json").replace(sha256, "0".repeat(64)));
    const { prompt_tokens: _, ...rest } = JSON.parse(dataset());
    write("promptless.jsonl", `${JSON.stringify(rest)}\n`);
    const flags = "audit-model plan --profile p.else.json --transcripts promptless.jsonl --hypothesis h --out x.json";
    expect(await run(...flags.split(" "))).toMatchObject(refused(/promptless\.jsonl: wanted token ids on every line/));
  });
});
