import { modelFolder } from "@tokenmark/demo-model";
import { type FakeServer, jsonAnswer, serverError, startFakeLlamaServer, startFakeServer } from "@tokenmark/testkit";
import { describe, expect, it } from "vitest";
import { auditFolder } from "./audit-folder.ts";
import { answer } from "./run-in-process.ts";
import { studentServers } from "./student-servers.ts";

const { cwd, write, read, run, plan, runPlan, dataset, foreignModel, otherModel } = auditFolder();
const { generator, vocabulary, trainedSource, vllm, keep } = studentServers({ read });

/** A server that deals in text alone and refuses fields that OpenAI does not know. */
async function textServer(text: string): Promise<FakeServer> {
  const known = new Set(["model", "prompt", "max_tokens", "temperature", "top_p", "seed"]);
  const server = await startFakeServer(({ path, body }) => {
    if (path === "/v1/models") return jsonAnswer({ data: [{ id: "copycat", object: "model", owned_by: "them" }] });
    if (path !== "/v1/completions") return jsonAnswer({ error: { message: "no such route" } }, { status: 404 });
    const unknown = Object.keys(body).find((field) => !known.has(field));
    if (unknown !== undefined) return jsonAnswer({ error: { message: `unknown ${unknown}` } }, { status: 400 });
    return jsonAnswer({ choices: [{ index: 0, text, finish_reason: "length" }] });
  });
  return keep(server);
}

/** A control, without which nobody is convicted. */
const clean = ["--clean", modelFolder, "--dtype", "q8"];
const few = ["--answers", "6", "--answer-tokens", "40"];
const unfiltered = ["--mode", "closed-unfiltered", ...few];

describe("audit-model run --server", () => {
  it("finds a trained student by its text alone, and says that its units were re-tokenised", async () => {
    await plan("closed.json", ...unfiltered);
    const server = await vllm(trainedSource());
    const found = await runPlan("closed.json", "--server", server.url, "--out", "report.json", ...clean);
    expect(found.status).toBe(1);
    expect(found.stdout).toMatch(/^Audit of toy at http/);
    expect(found.stdout).toMatch(/closed-unfiltered mode, .*TRAINED-ON-MARKED/);
    expect(found.stdout).toMatch(/re-tokenised: its text was encoded with the mark's tokenizer/);
    expect(JSON.parse(read("report.json")).results[0].retokenised).toBe(true);
    expect(found.stderr).toMatch(/wrote 6 of 6 answers/);
    // Its text was asked for as the plan says, and with none of the sampling that the model's own settings would bring.
    const asked = server.requests.filter(({ path }) => path === "/v1/completions");
    expect(asked.length).toBe(6);
    expect(asked[0]!.body).toMatchObject({
      prompt: "The people of the city",
      max_tokens: 40,
      temperature: 1,
      top_k: -1,
    });
    expect(new Set(asked.map(({ body }) => body.seed)).size).toBe(6);
    expect(asked.every(({ body }) => body.logprobs === undefined)).toBe(true);
  }, 60_000);

  it("asks at the temperature that was planned", async () => {
    await plan(
      "cold.json",
      "--mode",
      "closed-unfiltered",
      "--answers",
      "2",
      "--answer-tokens",
      "9",
      "--temperature",
      "0.5",
    );
    const server = await vllm(generator().source);
    await runPlan("cold.json", "--server", server.url);
    const asked = server.requests.filter(({ path }) => path === "/v1/completions");
    expect(asked.map(({ body }) => [body.temperature, body.max_tokens])).toEqual([
      [0.5, 9],
      [0.5, 9],
    ]);
  });

  it("does not accuse a clean student, whose text is the same at every run", async () => {
    await plan("closed.json", ...unfiltered);
    const server = await vllm(generator().source);
    const first = await runPlan("closed.json", "--server", server.url);
    expect(first.status).toBe(0);
    expect(first.stdout).toMatch(/CANNOT-TELL/);
    expect((await runPlan("closed.json", "--server", server.url)).stdout).toBe(first.stdout);
  }, 60_000);

  it("reads predictions along the transcripts from a server that names tokens by id", async () => {
    await plan("open.json", "--mode", "open");
    const found = await runPlan("open.json", "--server", (await vllm(trainedSource())).url, ...clean);
    expect({ status: found.status, stderr: found.stderr }).toMatchObject({ status: 1 });
    expect(found.stdout).toMatch(/open mode, .*TRAINED-ON-MARKED/);
    expect(found.stdout).not.toContain("re-tokenised");
    expect((await runPlan("open.json", "--server", (await vllm(generator().source)).url)).status).toBe(0);
  }, 60_000);

  it("reads llama.cpp's predictions and text alike", async () => {
    await plan("both.json", "--mode", "open", "closed-unfiltered", ...few);
    const server = await startFakeLlamaServer({
      source: trainedSource(),
      vocabulary: vocabulary(),
      contextLength: 512,
      jitter: 0,
    });
    keep(server);
    const found = await runPlan("both.json", "--server", server.url, "--out", "report.json", ...clean);
    expect(found.status).toBe(1);
    const { results } = JSON.parse(read("report.json")) as { results: { verdict: string; retokenised: boolean }[] };
    expect(results.map(({ verdict }) => verdict)).toEqual(["trained-on-marked", "trained-on-marked"]);
    expect(results.map(({ retokenised }) => retokenised)).toEqual([false, true]);
  }, 60_000);

  it("takes text from a server that deals in text alone, and refuses open mode with what would do instead", async () => {
    const server = await textServer(read("out.txt"));
    await plan("closed.json", ...unfiltered);
    expect(await runPlan("closed.json", "--server", server.url, ...clean)).toMatchObject({ status: 1 });
    expect(server.requests.at(-1)!.body.model).toBe("copycat");
    await plan("open.json", "--mode", "open");
    expect(await runPlan("open.json", "--server", server.url)).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/open mode needs the suspect's weights \(--model\) or a server that names/),
    });
  });

  it("asks again after a failure, takes the API key from the environment and shows it nowhere", async () => {
    await plan("closed.json", ...unfiltered);
    let failures = 0;
    const faults = ({ path }: { path: string }) =>
      path === "/v1/completions" && failures++ === 0 ? serverError() : undefined;
    const server = await vllm(generator().source, { apiKey: "sk-sesame", faults });
    const args = ["audit-model", "run", "closed.json", "--transcripts", "t.jsonl", "--key-file", "a.key"];
    const by = (env: Record<string, string>) => answer([...args, "--server", server.url], { cwd, env });
    const without = await by({});
    expect(without).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(/wants an API key/) });
    const wrong = await by({ TOKENMARK_API_KEY: "sk-wrong" });
    expect(wrong).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(/wants another API key/) });
    expect(wrong.stderr).not.toContain("sk-wrong");
    expect(failures).toBe(0);
    const right = await by({ TOKENMARK_API_KEY: "sk-sesame" });
    expect(right.status).toBe(0);
    expect(failures).toBe(7);
    expect(right.stdout + right.stderr).not.toContain("sk-sesame");
  }, 60_000);

  it.each([
    [["--server", "http://127.0.0.1:18999"], /nothing listens there/],
    [["--server", "http://u:p@127.0.0.1:18999"], /wanted an address without a password/],
    [["--server", "http://127.0.0.1:18999", "--answers", "t.jsonl"], /got several or none/],
    [["--answers", "t.jsonl", "--api-model", "m"], /--api-model: wanted --server beside it/],
    [["--answers", "t.jsonl", "--timeout", "3"], /--timeout: wanted --server beside it/],
  ])("refuses %j with status 2 and one sentence", async (flags, message) => {
    await plan("closed.json", ...unfiltered);
    const { status, stdout, stderr } = await runPlan("closed.json", ...flags);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n").length).toBe(1);
  });

  it("says where a server has no route for text, that answers can be collected", async () => {
    await plan("closed.json", ...unfiltered);
    const server = await startFakeServer(({ path }) =>
      path === "/v1/models"
        ? jsonAnswer({ data: [{ id: "chat", owned_by: "them" }] })
        : jsonAnswer({ error: { message: "chat only" } }, { status: 404 }),
    );
    keep(server);
    const { status, stderr } = await runPlan("closed.json", "--server", server.url);
    expect(status).toBe(2);
    expect(stderr).toMatch(/v1\/completions: is not offered there .*chat only.*--answers/);
  });
});

describe("a suspect with another tokenizer", () => {
  it("is refused in open mode, with the offer of closed mode; closed mode encodes its text with the mark's", async () => {
    const foreign = foreignModel();
    await plan("open.json", "--mode", "open");
    const refused = await runPlan("open.json", "--model", foreign, "--dtype", "q8");
    expect(refused).toMatchObject({ status: 2, stdout: "" });
    expect(refused.stderr).toMatch(
      /foreign: wanted the tokenizer that the transcripts' ids belong to .*plan --mode closed/,
    );
    await plan("closed.json", ...unfiltered);
    const args = ["--model", foreign, "--clean", otherModel(), "--dtype", "q8"];
    const answered = await runPlan("closed.json", ...args, "--tokenizer", modelFolder, "--out", "report.json");
    expect(answered.status).toBe(0);
    expect(answered.stdout).toMatch(/re-tokenised: its text was encoded with the mark's tokenizer/);
    const [{ retokenised, suspect, controls }] = JSON.parse(read("report.json")).results;
    expect({ retokenised, control: controls[0].retokenised }).toEqual({ retokenised: true, control: false });
    expect(suspect.tokensScored).toBeGreaterThan(50);
    // Without --tokenizer the shipped one is found to be the mark's.
    expect((await runPlan("closed.json", ...args)).stdout).toBe(answered.stdout);
  }, 60_000);

  it("is refused where the mark's tokenizer is not at hand, or --tokenizer is another", async () => {
    const foreign = foreignModel();
    await plan("closed.json", ...unfiltered);
    const { sha256 } = JSON.parse(read("p.json")).tokenizer as { sha256: string };
    write("p.else.json", read("p.json").replace(sha256, "0".repeat(64)));
    write("t.jsonl", dataset());
    const planElse = "audit-model plan --profile p.else.json --transcripts t.jsonl --wrong-keys 40 --out else.json";
    expect(await run(...planElse.split(" "), "--hypothesis", "h", ...unfiltered)).toMatchObject({ status: 0 });
    expect(await runPlan("else.json", "--model", foreign, "--dtype", "q8")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /--tokenizer: wanted the folder of the mark's tokenizer to encode the text of foreign/,
      ),
    });
    expect(await runPlan("closed.json", "--answers", "t.jsonl", "--tokenizer", foreign)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/--tokenizer: wanted the folder of the mark's tokenizer.*got foreign/),
    });
  });

  it("is found by texts that were collected from it, encoded with the mark's tokenizer", async () => {
    await plan("closed.json", "--mode", "closed-unfiltered", "--answers", "1");
    write("texts.jsonl", `${JSON.stringify({ prompt: "The people of the city", text: read("out.txt") })}\n`);
    const found = await runPlan("closed.json", "--answers", "texts.jsonl", "--tokenizer", modelFolder, ...clean);
    expect(found.status).toBe(1);
    expect(found.stdout).toContain("re-tokenised");
    expect((await runPlan("closed.json", "--answers", "t.jsonl")).stdout).not.toContain("re-tokenised");
    await plan("two.json", "--mode", "closed-unfiltered", "--answers", "2");
    write("mixed.jsonl", dataset() + read("texts.jsonl"));
    expect(await runPlan("two.json", "--answers", "mixed.jsonl")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/mixed\.jsonl: wanted token ids with all answers or with none, got 1 of 2/),
    });
  });
});
