import { modelFolder } from "@tokenmark/demo-model";
import { describe, expect, it } from "vitest";
import { auditFolder } from "./audit-folder.ts";

const { write, read, run, plan, runPlan, dataset, foreignModel, modelWithout } = auditFolder();
const unfiltered = ["--mode", "closed-unfiltered"];
const few = ["--answers", "4", "--answer-tokens", "40"];
const q8 = ["--dtype", "q8"];

describe("the controls of a plan", () => {
  it("have to be there, all of them, before any key is read", async () => {
    await plan("plan.json", ...unfiltered, "--clean", "A", "B", "--base", "X");
    // The key file does not exist: whoever read it would say so.
    const args = "audit-model run plan.json --transcripts t.jsonl --key-file none.key --answers t.jsonl".split(" ");
    const refused = (message: RegExp) => ({ status: 2, stdout: "", stderr: expect.stringMatching(message) });
    expect(await run(...args)).toMatchObject(refused(/clean students as the plan names \(2: A, B\), got 0/));
    expect(await run(...args, "--clean", modelFolder)).toMatchObject(refused(/\(2: A, B\), got 1/));
    expect(await run(...args, "--clean", modelFolder, `${modelFolder}/`)).toMatchObject(
      refused(/--clean: wanted each model once/),
    );
    expect(await run(...args, "--clean", "a", "b")).toMatchObject(
      refused(/wanted the plan's base model \(X\), got none/),
    );
    expect(await run(...args, "--clean", "a", "b", "--base", "x")).toMatchObject(refused(/none\.key/));
  });

  it("may be more than were planned, and the report says so", async () => {
    await plan("plan.json", ...unfiltered, ...few, "--clean", "A");
    const clean = ["--clean", modelFolder, foreignModel()];
    const ended = await runPlan("plan.json", "--answers", "t.jsonl", ...clean, "--base", modelFolder, ...q8);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toContain("clean students 2 (planned: A), base model 1 (none planned)");
  }, 60_000);
});

describe("a pilot", () => {
  it("makes silence on enough units no evidence, and on too few says how many it takes", async () => {
    await plan("first.json", ...unfiltered, ...few);
    // The marked text itself stands for a student that learnt it by heart.
    const clean = ["--clean", modelFolder, ...q8];
    expect(await runPlan("first.json", "--answers", "t.jsonl", ...clean, "--out", "pilot.json")).toMatchObject({
      status: 1,
    });
    const notes = await plan("whole.json", ...unfiltered, ...few, "--pilot", "pilot.json");
    const [, units] = /closed-unfiltered mode: (\d+) unique units find a student/.exec(notes)!;
    const silent = await runPlan("whole.json", "--model", modelFolder, ...q8);
    expect(silent.status).toBe(0);
    expect(silent.stdout).toMatch(/closed-unfiltered mode, .*: NO-EVIDENCE/);
    expect(silent.stdout).toContain(`with probability 0.9 on ${units} unique units`);
    expect(silent.stdout).toMatch(/^Pilot: t\.jsonl .*, which scored [\d.]+ above chance/m);
    const weak = await plan("tenth.json", ...unfiltered, ...few, "--pilot", "pilot.json", "--share", "0.1");
    const [, more] = /mode: (\d+) unique units/.exec(weak)!;
    expect(Number(more) / Number(units)).toBeGreaterThan(20);
    expect(
      await run(
        ..."audit-model plan --profile p.json --transcripts t.jsonl --hypothesis h --out x.json".split(" "),
        ...[...unfiltered, ...few, "--pilot", "pilot.json", "pilot.json", "--share", "1", "0.1"],
      ),
    ).toMatchObject({ status: 2, stderr: expect.stringMatching(/pilots: wanted each student once/) });
    write("t2.jsonl", read("t.jsonl"));
    await runPlan("first.json", "--answers", "t2.jsonl", ...clean, "--out", "pilot2.json");
    const several = ["--pilot", "pilot.json", "pilot2.json", "--share", "1", "0.1"];
    const between = await plan("several.json", ...unfiltered, ...few, ...several);
    // A student of that share is among the pilots; the other one takes nothing from it.
    expect(/mode: (\d+) unique units/.exec(between)![1]).toBe(units);
    const unsure = await runPlan("tenth.json", "--model", modelFolder, ...q8);
    expect(unsure.stdout).toMatch(/CANNOT-TELL/);
    expect(unsure.stdout).toContain(
      `are too few: a student such as the pilots let expect shows with probability 0.9 on ${more}`,
    );
  }, 60_000);

  it("is bound in the plan, and is a report that shows the mark", async () => {
    await plan("first.json", ...unfiltered);
    await runPlan("first.json", "--answers", "t.jsonl", "--out", "pilot.json");
    await plan("bound.json", ...unfiltered, "--pilot", "pilot.json");
    write("eased.json", read("bound.json").replace('"shareRatio": 1', '"shareRatio": 9'));
    expect(read("eased.json")).not.toBe(read("bound.json"));
    expect(await runPlan("eased.json", "--answers", "t.jsonl")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/changed afterwards/),
    });
    const again = "audit-model plan --profile p.json --transcripts t.jsonl --hypothesis h --out x.json".split(" ");
    write("bent.json", read("pilot.json").replace("our answers", "their answers"));
    for (const [flags, message] of [
      [["--share", "0.1"], /--share: wanted --pilot beside it, got 1/],
      [["--pilot", "pilot.json", "--share", "0.1", "1"], /--share: wanted one a --pilot \(1\), got 2/],
      [
        ["--mode", "open", "--pilot", "pilot.json"],
        /pilot: wanted a report in which one of the plan's schemes and modes/,
      ],
      [["--pilot", "bound.json"], /bound\.json: report: wanted a report of audit-model/],
      [["--pilot", "bent.json"], /bent\.json: plan: .*changed afterwards/],
      [[...unfiltered, "--pilot", "pilot.json", "--share", "0"], /shareRatio: wanted a number above 0, got 0/],
    ] as const) {
      expect(await run(...again, ...flags)).toMatchObject({
        status: 2,
        stdout: "",
        stderr: expect.stringMatching(message),
      });
    }
  });
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

  it.each(["config.json", "tokenizer.json", "onnx/model_quantized.onnx"])(
    "a model folder without %s is refused by name, as suspect and as control",
    async (file) => {
      const folder = modelWithout(file);
      await plan("plan.json", ...unfiltered, ...few);
      const message = file.endsWith("onnx") ? /onnx\/model_quantized\.onnx/ : new RegExp(`wanted the file ${file}`);
      expect(await runPlan("plan.json", "--model", folder, ...q8)).toMatchObject(refused(message));
      const asControl = await runPlan("plan.json", "--answers", "t.jsonl", "--clean", folder, ...q8);
      expect(asControl).toMatchObject(refused(message));
      expect(asControl.stderr.trim().split("\n")).toHaveLength(1);
    },
  );

  it("answers that overlap nothing of the transcripts are refused; a handful that do cannot tell, with the number wanted", async () => {
    await plan("plan.json", "--mode", "closed");
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

  it("an answer without its prompt is refused: a clean model may have copied marked text from there", async () => {
    await plan("plan.json", ...unfiltered);
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
