import { modelFolder } from "@tokenmark/demo-model";
import { describe, expect, it } from "vitest";
import { auditFolder } from "./audit-folder.ts";
import { studentServers } from "./student-servers.ts";

const { write, read, run, plan, runPlan, pieces, otherModel } = auditFolder();
const { trainedSource, vllm } = studentServers({ read });
const unfiltered = ["--mode", "closed-unfiltered"];
const few = ["--answers", "12", "--answer-tokens", "20"];
const q8 = ["--dtype", "q8"];

describe("a pilot", () => {
  it("makes silence on enough units no evidence, and on too few says how many it takes", async () => {
    await plan("first.json", ...unfiltered, ...few);
    const clean = ["--clean", modelFolder, ...q8];
    const { url } = await vllm(trainedSource());
    expect(await runPlan("first.json", "--server", url, ...clean, "--out", "pilot.json")).toMatchObject({ status: 1 });
    const notes = await plan("whole.json", ...unfiltered, ...few, "--pilot", "pilot.json");
    const [, units] = /closed-unfiltered mode: (\d+) unique units find a student/.exec(notes)!;
    const silent = await runPlan("whole.json", "--model", modelFolder, "--clean", otherModel(), ...q8);
    expect(silent.status).toBe(0);
    expect(silent.stdout).toMatch(/closed-unfiltered mode, .*: NO-EVIDENCE/);
    expect(silent.stdout).toContain(`with probability 0.9 on ${units} unique units`);
    expect(silent.stdout).toMatch(/^Pilot: toy at http.*, which scored [\d.]+ above chance/m);
    const weak = await plan("tenth.json", ...unfiltered, ...few, "--pilot", "pilot.json", "--share", "0.1");
    const [, more] = /mode: (\d+) unique units/.exec(weak)!;
    expect(Number(more) / Number(units)).toBeGreaterThan(20);
    expect(
      await run(
        ..."audit-model plan --profile p.json --transcripts t.jsonl --hypothesis h --out x.json".split(" "),
        ...[...unfiltered, ...few, "--pilot", "pilot.json", "pilot.json", "--share", "1", "0.1"],
      ),
    ).toMatchObject({ status: 2, stderr: expect.stringMatching(/pilots: wanted each student once/) });
    const second = await vllm(trainedSource());
    await runPlan("first.json", "--server", second.url, ...clean, "--out", "pilot2.json");
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
    await plan("first.json", ...unfiltered, ...few);
    const clean = ["--clean", modelFolder, ...q8];
    const { url } = await vllm(trainedSource());
    await runPlan("first.json", "--server", url, ...clean, "--out", "pilot.json");
    write("by-heart.jsonl", pieces(12));
    expect(
      await runPlan("first.json", "--answers", "by-heart.jsonl", ...clean, "--out", "collected.json"),
    ).toMatchObject({
      status: 1,
    });
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
        /pilot\.json: pilot: wanted a report that finds one of the plan's schemes and modes/,
      ],
      [
        [...unfiltered, "--pilot", "collected.json"],
        /collected\.json: pilot: wanted .* answers that were not collected/,
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
