import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { survivalExample } from "./survival-example.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tokenmark-bench-"));
const file = (name: string, content: string): string => {
  const place = join(folder, name);
  writeFileSync(place, content);
  return place;
};

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const main = join(root, "benchmarks/src/main.ts");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@tokenmark/source", "--import", "tsx", main, ...args],
    { cwd: root, encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

describe("tokenmark-bench", () => {
  it("makes a report again from results alone, and compares two runs", () => {
    const results = survivalExample();
    const one = file("results.json", JSON.stringify(results));
    const made = bench("report", one, "--out", join(folder, "again"));
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(folder, "again/report.md"), "utf8")).toContain("# What the marks survive");
    expect(existsSync(join(folder, "again/report.html"))).toBe(true);
    const compared = bench("compare", one, one);
    expect(compared).toMatchObject({ status: 0, stderr: "" });
    expect(compared.stdout.length).toBeGreaterThan(500);
  });

  it.each([
    [["--quick", "--full"], /--quick, --full, --suite: wanted one suite, got quick, full/],
    [["--quick", "--schemes", "nobody"], /--schemes: wanted names among gumbel, .*got nobody/],
    [["survival", "--attacks", "burn"], /--attacks: wanted names among delete, .*got burn/],
    [["--config", "/no/such.json"], /config: wanted a file/],
    [["compare", "/no/a.json", "/no/b.json"], /results: wanted a file/],
    [["distill", "--full", "--seeds", "9"], /--seeds: wanted --run beside it, got --full/],
    [["distill", "--full", "--dataset", "unmarked=x"], /--dataset: wanted --run beside it, got --full/],
    [
      ["distill", "--dataset", "kgw h=9=x"],
      /--dataset: wanted label=file with a label among unmarked, kgw h=1, .* got kgw h=9=x/,
    ],
    [["distill", "--dataset", "unmarked=a", "unmarked=b"], /--dataset: wanted each label once, got unmarked twice/],
    [["distill", "--work", fileURLToPath(import.meta.url)], /--work: wanted a folder that can be made, got .*\(io\)/],
    [["distill", "--dataset", "kgw h=1=no such.jsonl"], /datasets: wanted a file, got no such\.jsonl/],
    [["distill", "--schemes", "nobody"], /--schemes: wanted names among kgw h=1/],
    [["distill", "--out", fileURLToPath(import.meta.url)], /--out: wanted a folder that can be made, got .*\(io\)/],
  ])("%j ends with status 2 and one sentence", (args, message) => {
    const { status, stdout, stderr } = bench(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("fills the fields that a config leaves out, inner ones too, and keeps other suites' reports", () => {
    const config = file(
      "suite.json",
      JSON.stringify({
        name: "mine",
        schemes: [{ label: "g", config: { scheme: "gumbel" } }],
        lengths: [20],
        attacks: [],
        texts: 2,
        diversity: { prompts: 1, tokens: 8 },
        distribution: { contexts: 1 },
        adversaries: { tokensAsked: [8] },
      }),
    );
    const results = join(folder, "results");
    const args = ["--config", config, "--judge", "none", "--work", join(folder, "work"), "--results", results];
    const [made] = [bench(...args)];
    expect(made).toMatchObject({ status: 0 });
    const [day] = readdirSync(results);
    const written = JSON.parse(readFileSync(join(results, day!, "results.json"), "utf8"));
    expect(written).toMatchObject({ suite: "mine", distribution: [{ scheme: "g", keys: 1000 }] });
    writeFileSync(join(results, day!, "results.json"), JSON.stringify({ ...written, suite: "another" }));
    expect(bench(...args)).toMatchObject({ status: 0 });
    expect(readdirSync(results)).toEqual([day, `${day}-mine`]);
    // A half-written file is nobody's: it is written again.
    const half = join(results, day!, "results.json");
    writeFileSync(half, readFileSync(half, "utf8").slice(0, 500));
    expect(bench(...args)).toMatchObject({ status: 0 });
    expect(JSON.parse(readFileSync(half, "utf8"))).toMatchObject({ suite: "mine" });
  });

  it("refuses results that are half-written or somebody else's", () => {
    const half = file("half.json", JSON.stringify(survivalExample()).slice(0, 1000));
    expect(bench("report", half)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/damaged or half-written/),
    });
    const other = file("other.json", '{"benchmark":"speed"}');
    expect(bench("report", other).stderr).toMatch(/wanted a results.json of the survival benchmark/);
  });
});
