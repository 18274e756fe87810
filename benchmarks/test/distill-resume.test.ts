import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tokenmark-kill-"));
const config = join(folder, "config.json");
writeFileSync(
  config,
  JSON.stringify({
    name: "kill",
    schemes: [{ label: "g", config: { scheme: "gumbel", contextWidth: 1 } }],
    shares: [0, 1],
    answers: [12],
    answerTokens: 40,
    students: [{ label: "t", layers: 1, width: 32, heads: 1, hidden: 64, epochs: 40, start: "scratch" }],
    cleanControls: 1,
    controlTranscripts: 2,
    wrongKeys: 20,
    closedAnswers: 0,
  }),
);
const command = (work: string, out: string): string[] => [
  ...["--conditions=@tokenmark/source", "--import", "tsx", join(root, "benchmarks/src/main.ts"), "distill"],
  ...["--config", config, "--work", join(folder, work), "--out", join(folder, out)],
];
const resultsOf = (out: string) => {
  const results = JSON.parse(readFileSync(join(folder, out, "distill-kill.json"), "utf8"));
  return { ...results, date: "" };
};

it("a run that was ended by kill -9 between two students goes on, and comes out as one in a piece", async () => {
  const child = spawn(process.execPath, command("killed", "out"), { cwd: root, stdio: "ignore" });
  const students = join(folder, "killed/students");
  const finished = (): string[] =>
    existsSync(students) ? readdirSync(students).filter((name) => /^[0-9a-f]+$/.test(name)) : [];
  while (finished().length === 0 && child.exitCode === null) await wait(20);
  child.kill("SIGKILL");
  await new Promise((ended) => child.once("close", ended));
  expect(child.signalCode).toBe("SIGKILL");
  expect(existsSync(join(folder, "out/distill-kill.json"))).toBe(false);
  for (const [work, out] of [
    ["killed", "out"],
    ["whole", "whole-out"],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, command(work, out), { cwd: root, encoding: "utf8" });
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  }
  expect(resultsOf("out")).toEqual(resultsOf("whole-out"));
  expect(resultsOf("out").students).toHaveLength(2);
}, 300_000);
