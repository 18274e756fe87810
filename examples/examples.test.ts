import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createScheme, defaultSchemeConfig, Key } from "@tokenmark/core";
import { dtype, modelFolder } from "@tokenmark/demo-model";
import { detectText } from "@tokenmark/detector";
import { createToySource, createToyVocabulary, describeSchemeContract, startFakeLlamaServer } from "@tokenmark/testkit";
import { createGenerator, type Generator } from "@tokenmark/transformers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { graded } from "./own-scheme.ts";
import { createMarkingServer } from "./streaming-server.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
/** A model that this project did not train, where it lies beside the repository. */
const thirdParty = fileURLToPath(new URL("../../shared/models/tinystories-relu-1.8m", import.meta.url));

async function run(file: string, ...args: string[]): Promise<string> {
  const node = ["--conditions=@tokenmark/source", "--import", "tsx", `examples/${file}`, ...args];
  return (await promisify(execFile)(process.execPath, node, { cwd: root })).stdout;
}

describe("every example", () => {
  it.each(files)("%s does its one task in fewer than 60 lines", (file) => {
    expect(readFileSync(`${folder}/${file}`, "utf8").split("\n").length).toBeLessThan(60);
  });
});

describe("examples as programs", () => {
  it("mark-with-transformers.ts writes a text that carries the mark", async () => {
    expect(await run("mark-with-transformers.ts")).toMatch(/\n\nCarries the mark of gumbel under this key: p < 1e-9/);
  });

  it("detect-with-profile.ts finds the deployer's text and not the one typed by hand", async () => {
    const out = await run("detect-with-profile.ts");
    expect(out).toMatch(/^marked -\d/);
    expect(out).toMatch(/^cannot-tell -?\d/m);
  });

  it("own-scheme.ts writes a text that carries its own mark", async () => {
    expect(await run("own-scheme.ts")).toMatch(/\n\nCarries the mark of graded under this key/);
  });

  it("mark-through-a-server.ts marks what a llama-server's scores give, and finds the mark in its ids", async () => {
    const source = createToySource({ seed: "example", vocabularySize: 512 });
    const server = await startFakeLlamaServer({ source, vocabulary: createToyVocabulary({ size: 512 }) });
    try {
      const out = await run("mark-through-a-server.ts", server.url, "mama");
      expect(out).toMatch(/\n\n\d+ tokens in \d+ round trips, \d+ of them marked\nmarked, log10 p = -\d+/);
    } finally {
      await server.close();
    }
  });

  it.runIf(existsSync(thirdParty))("mark-with-transformers.ts takes a model that others trained", async () => {
    expect(await run("mark-with-transformers.ts", thirdParty)).toMatch(/\n\nCarries the mark of gumbel/);
  });
});

describeSchemeContract("own-scheme.ts", (key) => graded(key));

describe("streaming-server.ts", () => {
  const key = Key.fromHex("5a".repeat(32));
  let generator: Generator;
  let server: ReturnType<typeof createMarkingServer>;
  let url: string;
  beforeAll(async () => {
    generator = await createGenerator(modelFolder, { dtype });
    server = createMarkingServer(generator, key).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    server.close();
    await generator.dispose();
  });

  async function ask(body: object, onChunk: () => void = () => {}): Promise<string> {
    const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk, { stream: true });
      onChunk();
    }
    return text;
  }

  const first = { prompt: "The people of the city", seed: 1, maxTokens: 100 };
  const second = { prompt: "Moses went and", seed: 2, maxTokens: 100 };

  it("gives two interleaved streams the texts that each has alone, both marked", async () => {
    const alone = [await ask(first), await ask(second)];
    const order: string[] = [];
    const together = await Promise.all([ask(first, () => order.push("a")), ask(second, () => order.push("b"))]);
    expect(together).toEqual(alone);
    // Each went on while the other had begun and not ended.
    expect(order.indexOf("a")).toBeLessThan(order.lastIndexOf("b"));
    expect(order.indexOf("b")).toBeLessThan(order.lastIndexOf("a"));
    expect(order.length).toBeGreaterThan(20);
    const scheme = createScheme(defaultSchemeConfig("synthid"), key);
    for (const text of together) expect(detectText(scheme, text, generator.tokenizer).verdict).toBe("marked");
  });

  it("goes on serving after a client that left in the middle", async () => {
    const leaving = new AbortController();
    const response = await fetch(url, { method: "POST", body: JSON.stringify(first), signal: leaving.signal });
    await response.body!.getReader().read();
    leaving.abort();
    expect(await ask(second)).toBe(await ask(second));
  });

  it.each(["{", "{}", '{"prompt":"x","maxTokens":-1}', "null"])(
    "refuses %s with one sentence and no stack",
    async (body) => {
      const response = await fetch(url, { method: "POST", body });
      expect(response.status).toBeGreaterThanOrEqual(400);
      const answer = (await response.json()) as { error: string };
      expect(answer.error).not.toMatch(/\n|at .*:\d+/);
    },
  );
});
