import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Ended, shell, temporaryFolder } from "./run-tokenmark.ts";
import { hasThirdParty, thirdParty } from "./third-party-model.ts";

const cwd = temporaryFolder();

async function line(text: string, status: number): Promise<Ended> {
  const result = await shell(text, { cwd });
  expect(`${text}\n${result.status}${result.status === status ? "" : result.stderr}`).toBe(`${text}\n${status}`);
  return result;
}

describe("the documented command lines", () => {
  it("make a key and a profile, write marked text and find the mark, from a file and from stdin", async () => {
    await line("tm keygen --out a.key", 0);
    await line("tm profile create --scheme synthid --key-file a.key --out p.json", 0);
    await line(
      'tm generate --scheme synthid --key-file a.key --max-tokens 250 --seed 7 "The people of the city" > out.txt',
      0,
    );
    const { stdout } = await line("tm detect --scheme synthid --key-file a.key --json out.txt", 1);
    const detection = JSON.parse(stdout);
    expect(detection).toMatchObject({ verdict: "marked", alpha: 1e-6, scheme: "synthid" });
    expect(detection.log10PValue).toBeLessThan(-6);
    expect(detection.pValue).toBeLessThanOrEqual(1e-6);
    expect(detection.tokensScored).toBeGreaterThan(200);
    await line("tm detect --profile p.json --key-file a.key - < out.txt", 1);
  });

  it.each(["kgw", "unigram", "gumbel", "dual-gumbel"])("write %s and find it", async (scheme) => {
    writeFileSync(join(cwd, "a.key"), "5a".repeat(32), { mode: 0o600 });
    await line(
      `tm generate --scheme ${scheme} --key-file a.key --max-tokens 250 --seed 7 "The people of the city" > ${scheme}.txt`,
      0,
    );
    expect((await line(`tm detect --scheme ${scheme} --key-file a.key --json ${scheme}.txt`, 1)).stdout).toMatch(
      /"marked"/,
    );
  });

  it("write unmarked text, which has no mark to find", async () => {
    await line('tm generate --scheme none --max-tokens 150 --seed 7 "The people of the city" > none.txt', 0);
    const { stdout } = await line("tm detect --scheme synthid --key-file a.key --json none.txt", 0);
    expect(JSON.parse(stdout).verdict).toBe("cannot-tell");
    expect(JSON.parse(stdout).log10PValue).toBeGreaterThan(-6);
  });

  it.runIf(hasThirdParty)("do the same with a model that others trained", async () => {
    await line(`tm profile create --scheme synthid --key-file a.key --model '${thirdParty}' --out ts.json`, 0);
    await line(
      `tm generate --model '${thirdParty}' --dtype q8 --profile ts.json --key-file a.key --max-tokens 250 --seed 7 "Once upon a time" > ts.txt`,
      0,
    );
    const found = await line(`tm detect --model '${thirdParty}' --profile ts.json --key-file a.key --json ts.txt`, 1);
    expect(JSON.parse(found.stdout).log10PValue).toBeLessThan(-6);
    // The shipped model's tokenizer is not the profile's.
    const refused = await line("tm detect --profile ts.json --key-file a.key ts.txt", 2);
    expect(refused.stderr).toMatch(/^tokenmark: .*wanted the profile's .*--model DIR\n$/);
    expect(readFileSync(join(cwd, "ts.json"), "utf8")).toContain("tinystories-relu-1.8m");
  });
});
