import { modelFolder } from "@tokenmark/demo-model";
import { beforeAll, describe, expect, it } from "vitest";
import { auditFolder } from "./audit-folder.ts";

const { write, read, run } = auditFolder();
const NAME = "textseal-synthid/v0.1";
const HYPOTHESIS = ["--hypothesis", "the suspect was trained on our answers"];
const planFlags = `audit-model plan --profile seal.json --transcripts seal.jsonl --mode closed-unfiltered --answers 1`;
const plan = (...args: string[]) => run(...planFlags.split(" "), ...HYPOTHESIS, ...args);

beforeAll(async () => {
  write("seal.key", JSON.stringify({ key: "8675309123" }));
  const flags = `--scheme ${NAME} --key-file seal.key --seed 3 --max-tokens 120 --receipt seal.receipt`.split(" ");
  const { stdout: text } = await run("generate", ...flags, "The people of the city");
  await run(..."profile create --key-file seal.key --out seal.json --scheme".split(" "), NAME);
  const { tokens, promptTokens } = JSON.parse(read("seal.receipt")) as { tokens: number[]; promptTokens: number[] };
  const row = { prompt: "The people of the city", text, tokens, prompt_tokens: promptTokens };
  write("seal.jsonl", `${JSON.stringify(row)}\n`);
});

describe("a mark whose law hangs on the key (SynthID with keys of nine layers)", () => {
  it.each(["deepmind-synthid/main", "hf-synthid/cpu-table"])(
    "%s is audited, traced, and its reports read back",
    async (name) => {
      const keys = Array.from({ length: 9 }, (_, i) => String(1_000_003 * (i + 1)));
      write("nine.key", JSON.stringify({ keys }));
      const flags = "--key-file nine.key --seed 3 --max-tokens 120 --receipt nine.receipt".split(" ");
      const { stdout: text } = await run("generate", "--scheme", name, ...flags, "The people of the city");
      await run(..."profile create --key-file nine.key --out nine.json --scheme".split(" "), name);
      const { tokens, promptTokens } = JSON.parse(read("nine.receipt")) as { tokens: number[]; promptTokens: number[] };
      const row = { prompt: "The people of the city", text, tokens, prompt_tokens: promptTokens };
      write("nine.jsonl", `${JSON.stringify(row)}\n`);
      const given = "--transcripts nine.jsonl --mode closed-unfiltered --answers 1 --alpha 1e-3 --out nine.plan".split(
        " ",
      );
      await run("audit-model", "plan", "--profile", "nine.json", ...HYPOTHESIS, ...given);
      const evidence = "nine.plan --transcripts nine.jsonl --key-file nine.key --answers nine.jsonl --out r.json".split(
        " ",
      );
      const found = await run("audit-model", "run", ...evidence, "--clean", modelFolder, "--dtype", "q8");
      expect(found).toMatchObject({ status: 1, stdout: expect.stringMatching(/TRAINED-ON-MARKED/) });
      expect(await run("audit-model", "report", "r.json")).toMatchObject({ status: 1, stdout: found.stdout });
      const traced = "--profile nine.json --transcripts nine.jsonl --key-file nine.key --out t.json --model".split(" ");
      const trace = await run("audit-model", "trace", ...traced, modelFolder, "--dtype", "q8");
      expect(trace.status).toBe(0);
      const stderr = `${name}: its law hangs on the key, so p-values were taken at their word, not worked out again\n`;
      expect(await run("audit-model", "report", "t.json")).toMatchObject({ status: 0, stdout: trace.stdout, stderr });
    },
    60_000,
  );
});

describe("a key that an engine is published with", () => {
  it("is told of: whoever runs the engine so writes the mark", async () => {
    write("public.key", "{}");
    const scheme = ["--scheme", "deepmind-synthid/main"];
    const flags = "--key-file public.key --seed 3 --max-tokens 60 --receipt public.receipt".split(" ");
    const { stdout: text } = await run("generate", ...scheme, ...flags, "The people of the city");
    await run(..."profile create --key-file public.key --out public.json".split(" "), ...scheme);
    const { tokens, promptTokens } = JSON.parse(read("public.receipt")) as { tokens: number[]; promptTokens: number[] };
    const row = { prompt: "The people of the city", text, tokens, prompt_tokens: promptTokens };
    write("public.jsonl", `${JSON.stringify(row)}\n`);
    const given =
      "--profile public.json --transcripts public.jsonl --mode closed-unfiltered --answers 1 --wrong-keys 20";
    await run("audit-model", "plan", ...HYPOTHESIS, ...given.split(" "), "--out", "public.plan");
    const evidence = "public.plan --transcripts public.jsonl --key-file public.key --answers public.jsonl".split(" ");
    const { stderr } = await run("audit-model", "run", ...evidence);
    expect(stderr).toMatch(/^deepmind-synthid\/main: the key is the one that the engine is published with/);
  }, 60_000);
});

describe("a mark without a known law (TextSeal's SynthID)", () => {
  it("is planned with as many wrong keys as a rank needs, and refused with fewer, by plan and run alike", async () => {
    const refused = {
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(
        /wrongKeys: wanted at least 999999 at level 0\.000001, for textseal-synthid\/v0\.1 has no known law .*\(0\.001 takes 999\)/,
      ),
    };
    expect(await plan("--out", "x.json")).toMatchObject(refused);
    expect(await plan("--alpha", "1e-3", "--wrong-keys", "999", "--out", "seal.plan")).toMatchObject({ status: 0 });
  });

  it("is found by its rank, with a control that is quiet by its own, and its report reads back", async () => {
    await plan("--alpha", "1e-3", "--wrong-keys", "999", "--out", "seal.plan");
    const given = "seal.plan --transcripts seal.jsonl --key-file seal.key --answers seal.jsonl --out r.json".split(" ");
    const found = await run("audit-model", "run", ...given, "--clean", modelFolder, "--dtype", "q8");
    expect(found.status).toBe(1);
    expect(found.stdout).toMatch(/TRAINED-ON-MARKED\n.*; p is the rank among 999 wrong keys/);
    expect(found.stdout).toMatch(/999 wrong keys: rank p 0\.0010, which is the p-value/);
    expect(await run("audit-model", "report", "r.json")).toMatchObject({ status: 1, stdout: found.stdout });
    write("bent.json", read("r.json").replace('"rankPValue": 0.001', '"rankPValue": 0.0001'));
    expect(read("bent.json")).not.toBe(read("r.json"));
    expect(await run("audit-model", "report", "bent.json")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/wrongKeys\.rankPValue: wanted a rank among 999 keys, got 0\.0001/),
    });
    expect(found.stdout + found.stderr + read("r.json") + read("seal.plan")).not.toContain("8675309123");
  }, 60_000);

  it("cannot be traced: among many accounts no rank is small enough", async () => {
    const args = "audit-model trace --profile seal.json --transcripts seal.jsonl --key-file seal.key --model".split(
      " ",
    );
    expect(await run(...args, modelFolder)).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/--profile: wanted a mark with a known law, got textseal-synthid\/v0\.1/),
    });
  });
});
