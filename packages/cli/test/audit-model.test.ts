import { createHash } from "node:crypto";
import { modelFolder } from "@tokenmark/demo-model";
import { describe, expect, it } from "vitest";
import { auditFolder } from "./audit-folder.ts";

const { write, read, run, plan, runPlan, dataset, otherModel } = auditFolder();
const HYPOTHESIS = ["--hypothesis", "the suspect was trained on our answers"];

/** As many answers as t.jsonl has. */
const whole = ["--answers", "1"];

describe("tokenmark audit-model", () => {
  it("finds marked answers that were collected from a suspect, and prints the same report from its file", async () => {
    await plan("plan.json", "--mode", "closed", "closed-unfiltered", ...whole);
    const clean = ["--clean", modelFolder, "--dtype", "q8"];
    const found = await runPlan("plan.json", "--answers", "t.jsonl", ...clean, "--out", "report.json");
    expect(found.status).toBe(1);
    expect(found.stdout).toContain("collected: asked elsewhere");
    expect(found.stdout).toMatch(/gumbel, closed-unfiltered mode, key [0-9a-f]{16}: TRAINED-ON-MARKED/);
    expect(found.stdout).toMatch(/1000 wrong keys: KS p/);
    const digest = createHash("sha256").update(read("t.jsonl")).digest("hex").slice(0, 16);
    expect(found.stdout).toContain(`Audit of t.jsonl (SHA-256 ${digest}…)`);
    expect(found.stdout).toMatch(/clean student .* \(demo-model|clean student .*SHA-256 [0-9a-f]{16}…\)/);
    expect(await run("audit-model", "report", "report.json")).toMatchObject({ status: 1, stdout: found.stdout });
    expect(read("plan.json") + read("report.json") + found.stdout).not.toContain("5a5a5a");
  });

  it("does not accuse the shipped model, which never saw the key, in either mode; its control is shown", async () => {
    await plan("plan.json", "--mode", "open", "closed", "--answers", "4", "--answer-tokens", "30");
    const answer = await runPlan("plan.json", "--model", modelFolder, "--clean", otherModel(), "--dtype", "q8");
    expect(answer.status).toBe(0);
    expect(answer.stdout).toMatch(/^Audit of .* \(SHA-256 [0-9a-f]{16}…\), q8\n/);
    expect(answer.stdout).toMatch(/gumbel, open mode, .*CANNOT-TELL/);
    expect(answer.stdout).toMatch(/clean student +p /);
    expect(answer.stderr).toMatch(/read 1 of 1 transcripts/);
  });

  it("refuses a plan or a report that was changed after it was written", async () => {
    await plan("plan.json", "--mode", "closed-unfiltered", ...whole);
    write("changed.json", read("plan.json").replace('"alpha": 0.000001', '"alpha": 0.5'));
    expect(await runPlan("changed.json", "--answers", "t.jsonl")).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/changed afterwards/),
    });
    await runPlan("plan.json", "--answers", "t.jsonl", "--out", "report.json");
    write("bent.json", read("report.json").replace("our answers", "their answers"));
    expect(await run("audit-model", "report", "bent.json")).toMatchObject({ status: 2, stdout: "" });
  });

  it("refuses other transcripts, another key, and a suspect that is neither or both", async () => {
    await plan("plan.json", "--mode", "closed", ...whole);
    write("others.jsonl", dataset().replace('"tokens":[', '"tokens":[7,'));
    const others = "audit-model run plan.json --transcripts others.jsonl --key-file a.key --answers t.jsonl";
    expect((await run(...others.split(" "))).stderr).toMatch(/wanted those of the plan/);
    const wrongKey = "audit-model run plan.json --transcripts t.jsonl --key-file other.key --answers t.jsonl";
    expect(await run(...wrongKey.split(" "))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/wanted the key with id/),
    });
    expect((await runPlan("plan.json")).stderr).toMatch(/either the suspect or its --answers/);
    expect((await runPlan("plan.json", "--model", "/no/such/folder")).status).toBe(2);
  });

  it("refuses texts whose ids would be made with another tokenizer than the mark's: transcripts and answers alike", async () => {
    const { sha256 } = JSON.parse(read("p.json")).tokenizer as { sha256: string };
    write("p.other.json", read("p.json").replace(sha256, "0".repeat(64)));
    write("t.jsonl", dataset());
    write("texts.jsonl", `${JSON.stringify({ prompt: "The people of the city", text: read("out.txt") })}\n`);
    const planOther =
      "audit-model plan --profile p.other.json --mode closed --wrong-keys 40 --out other.json --transcripts";
    const refused = {
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/texts\.jsonl: wanted token ids on every line/),
    };
    expect(await run(...planOther.split(" "), "texts.jsonl", ...HYPOTHESIS)).toMatchObject(refused);
    expect(await run(...planOther.split(" "), "t.jsonl", ...HYPOTHESIS)).toMatchObject({ status: 0 });
    expect(await runPlan("other.json", "--answers", "texts.jsonl")).toMatchObject(refused);
  });

  it("refuses transcripts that nobody can read, and says which line", async () => {
    write("bad.jsonl", '{"instruction": "a"}\n');
    const flags = "audit-model plan --profile p.json --transcripts bad.jsonl".split(" ");
    expect(await run(...flags, ...HYPOTHESIS)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/line 1: wanted a text in "output"/),
    });
  });
});
