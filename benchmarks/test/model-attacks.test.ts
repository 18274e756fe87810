import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dtype, modelFolder } from "@tokenmark/demo-model";
import seedrandom from "seedrandom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apertiumTranslate } from "../src/attacks/apertium.ts";
import type { Attack, AttackResources, Paraphraser } from "../src/attacks/attack.ts";
import { measureChange } from "../src/attacks/change.ts";
import { findAttack } from "../src/attacks/find-attack.ts";
import { modelAttacks } from "../src/attacks/model-attacks.ts";
import { endpointParaphraser } from "../src/attacks/paraphrasers/endpoint-paraphraser.ts";
import { passageOf } from "../src/attacks/paraphrasers/instruction.ts";
import { localParaphraser } from "../src/attacks/paraphrasers/local-paraphraser.ts";
import { openModel } from "../src/models/open-model.ts";
import type { TextModel } from "../src/models/text-model.ts";
import { roundTrips, withoutApertium } from "./apertium-cases.ts";
import { HUMAN } from "./attack-cases.ts";

const ODD = [
  "",
  " \n",
  "One",
  'Ünïcode e\u0301 👩‍👩‍👧 العربية 漢字。And more.\n\nA "quote" [x] {y} ^z$ /a\\ <b> @ c & d.',
];
const PLAIN =
  "The people of the city came together in the morning. They asked the king for bread and water. He answered that there was none left.\n\nThen they went home. The children slept in the streets that night.";

let model: TextModel;
let resources: AttackResources;
beforeAll(async () => {
  model = await openModel({ kind: "shipped" });
  resources = { writer: model, humanText: PLAIN, paraphraser: null };
});
afterAll(() => model.dispose());

const given = (texts: readonly string[], seed = "1") =>
  texts.map((text, i) => ({ text, prompt: "", random: seedrandom(`${seed}/${i}`) }));
const apply = async (attack: Attack, texts: readonly string[], strength: number, seed = "1") =>
  attack.apply(given(texts, seed), strength, resources);

describe.each(modelAttacks.map((attack) => [attack.name, attack] as const))("%s", (_, attack) => {
  it("leaves every text as it is at strength 0, and starts nothing", async () => {
    const before = process.env.PATH;
    process.env.PATH = "/nowhere";
    try {
      expect(await apply(attack, [...ODD, PLAIN], 0)).toEqual([...ODD, PLAIN]);
    } finally {
      process.env.PATH = before;
    }
  });

  it.each([-0.1, 1.1, Number.NaN])("refuses %s as a strength", async (strength) => {
    await expect(apply(attack, [PLAIN], strength)).rejects.toMatchObject({ code: "bad-argument" });
  });
});

describe("without apertium", () => {
  it("a round trip says what to install, and never runs silently", async () => {
    const before = process.env.PATH;
    process.env.PATH = "/nowhere";
    try {
      for (const attack of roundTrips)
        expect(await attack.missing!(resources)).toMatch(/apt-get install apertium apertium-e/);
      await expect(apertiumTranslate("eng-spa", ["a"])).rejects.toMatchObject({ code: "io" });
    } finally {
      process.env.PATH = before;
    }
  });
});

describe.skipIf(withoutApertium)("apertium (skipped where it or a language pair is not installed)", () => {
  it.each(roundTrips.map((attack) => [attack.name, attack] as const))(
    "%s gives other words in the same sentences",
    async (_, attack) => {
      expect(await attack.missing!(resources)).toBeNull();
      const [text] = await apply(attack, [PLAIN], 1);
      expect(text).not.toBe(PLAIN);
      expect(text!.split("\n\n")).toHaveLength(2);
      const { editDistance } = measureChange([PLAIN], [text!], model.tokenizer);
      expect(editDistance).toBeGreaterThan(0.05);
      expect(editDistance).toBeLessThan(0.8);
    },
  );

  it("translates the share of sentences that was asked for and keeps the rest to the character", async () => {
    const attack = findAttack("round-trip-es", modelAttacks);
    const [half] = await apply(attack, [PLAIN], 0.4);
    const kept = PLAIN.split(/(?<=\.)\s+/).filter((sentence) => half!.includes(sentence));
    expect(kept.length).toBeGreaterThanOrEqual(3);
    expect(kept.length).toBeLessThan(5);
  });

  it("brings odd text through: as many pieces as there were, Unicode whole, alone as in a batch", async () => {
    const attack = findAttack("round-trip-es", modelAttacks);
    const together = await apply(attack, [...ODD, PLAIN], 1);
    expect(together).toHaveLength(ODD.length + 1);
    for (const text of together) expect(text).not.toMatch(/\p{Surrogate}/u);
    expect(together.slice(0, 2)).toEqual(ODD.slice(0, 2));
    expect(together[3]).toContain("👩‍👩‍👧");
    const alone = await attack.apply([{ text: PLAIN, prompt: "", random: seedrandom("1/4") }], 1, resources);
    expect(alone[0]).toBe(together[4]);
  });

  it("keeps a sentence that has no translation", async () => {
    expect(await apertiumTranslate("en-eo", ["A"])).toEqual([""]);
    expect(await apply(findAttack("round-trip-eo", modelAttacks), ["A"], 1)).toEqual(["A"]);
  });
});

describe("resample", () => {
  const attack = findAttack("resample", modelAttacks);

  it("writes about the share of words anew that was asked for, and keeps the rest", async () => {
    const [text] = await apply(attack, [PLAIN], 0.3);
    const { editDistance } = measureChange([PLAIN], [text!], model.tokenizer);
    expect(editDistance).toBeGreaterThan(0.15);
    expect(editDistance).toBeLessThan(0.4);
    const wordsKept = PLAIN.split(/\s+/).filter((word) => text!.split(/\s+/).includes(word)).length;
    expect(wordsKept / PLAIN.split(/\s+/).length).toBeGreaterThanOrEqual(0.7);
  });

  it("leaves words that are not masked as they were, and puts whole words for those that are", async () => {
    // Writes what marks it, so that its words can be told from the others; first the rest of a word that stands before.
    const marking: TextModel = {
      ...model,
      write: async (requests) =>
        requests.map(() => ({ text: "s, ☒1 ☒2 ☒3 ☒4 ☒5 ☒6 ☒7 ☒8", tokens: [], promptTokens: [] })),
    };
    const text = HUMAN.slice(0, 6000);
    const [anew] = await attack.apply([{ text, prompt: "There it is", random: seedrandom("1") }], 0.3, {
      ...resources,
      writer: marking,
    });
    const [before, after] = [text.split(/\s+/), anew!.split(/\s+/)];
    expect(after).toHaveLength(before.length);
    const marked = after.filter((word) => word.startsWith("☒")).length;
    expect(marked).toBe(Math.round(0.3 * text.match(/\S+/g)!.length));
    expect(before.filter((word, i) => word !== after[i])).toHaveLength(marked);
  });

  it("gives each text alone what it gives it among others", async () => {
    const texts = [PLAIN, HUMAN.slice(0, 500), HUMAN.slice(3000, 3700)];
    const together = await apply(attack, texts, 0.4);
    const alone = await attack.apply([given(texts)[1]!], 0.4, resources);
    expect(alone[0]).toBe(together[1]);
  });

  it("the same seed gives the same text, another seed another; odd text stays whole", async () => {
    const first = await apply(attack, [PLAIN, ...ODD], 0.5);
    expect(await apply(attack, [PLAIN, ...ODD], 0.5)).toEqual(first);
    expect((await apply(attack, [PLAIN], 0.5, "2"))[0]).not.toBe(first[0]);
    for (const text of first) expect(text).not.toMatch(/\p{Surrogate}/u);
    expect(first.slice(1, 3)).toEqual(ODD.slice(0, 2));
  });
});

describe("paraphrase", () => {
  const attack = findAttack("paraphrase", modelAttacks);
  const requests: { route: string; body: Record<string, unknown>; authorization: string | undefined }[] = [];
  let answerWith: (route: string, turn: number) => { status: number; body: string };
  let server: Server;
  let baseURL: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        requests.push({ route: request.url!, body: JSON.parse(text), authorization: request.headers.authorization });
        const { status, body } = answerWith(request.url!, requests.length);
        response.writeHead(status, { "content-type": "application/json" }).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const chat = (content: string): { status: number; body: string } => ({
    status: 200,
    body: JSON.stringify({ choices: [{ message: { role: "assistant", content } }] }),
  });
  const withParaphraser = async (paraphraser: Paraphraser, text: string, strength: number) =>
    attack.apply(given([text]), strength, { ...resources, paraphraser });

  it("says how to name a model where none is named", async () => {
    expect(await attack.missing!(resources)).toMatch(/--paraphraser MODEL .*--paraphraser-url ADDRESS/);
  });

  it("goes through an OpenAI-shaped endpoint with what the shipped model writes, passage by passage", async () => {
    const [written] = await model.write([{ prompt: "The people", scheme: null, seed: "p" }], {
      temperature: 1,
      topK: 0,
      topP: 1,
      maxTokens: 20,
    });
    answerWith = () => chat(`Here is the passage:\n\n"${written!.text.trim()}"`);
    requests.length = 0;
    const [text] = await withParaphraser(
      endpointParaphraser({ baseURL: `${baseURL}/v1/`, model: "m", apiKey: "sk-1" }),
      PLAIN,
      1,
    );
    expect(requests).toHaveLength(2);
    expect(requests[0]).toMatchObject({
      route: "/v1/chat/completions",
      authorization: "Bearer sk-1",
      body: { model: "m" },
    });
    expect(JSON.stringify(requests[0]!.body)).toContain("The people of the city came together");
    expect(text).toBe(`${written!.text.trim()}\n\n${written!.text.trim()}`);
  });

  it("asks /v1/completions where there is no chat, and waits where the server is busy", async () => {
    answerWith = (route, turn) => {
      if (route.includes("chat")) return { status: 404, body: "{}" };
      return turn < 4
        ? { status: 503, body: "" }
        : { status: 200, body: JSON.stringify({ choices: [{ text: " Anew. " }] }) };
    };
    requests.length = 0;
    const [text] = await withParaphraser(endpointParaphraser({ baseURL, pauseMs: 1 }), "One. Two.", 1);
    expect(text).toBe("Anew.");
    expect(requests.map(({ route }) => route)).toEqual(["/v1/chat/completions", ...Array(3).fill("/v1/completions")]);
  });

  it.each([
    [401, "", "unauthorized"],
    [429, "", "rate-limited"],
    [500, "", "server-error"],
    [400, "", "server-error"],
    [404, '{"error":"no such model"}', "bad-argument"],
    [200, "<html>", "bad-answer"],
    [200, '{"choices":[{"message":{"content":"  "}}]}', "bad-answer"],
  ])("status %s with %j ends with %s, and the key is in no message", async (status, body, code) => {
    answerWith = () => ({ status, body });
    const paraphraser = endpointParaphraser({ baseURL, apiKey: "sk-secret", pauseMs: 1, tries: 2 });
    const error = await Promise.resolve(withParaphraser(paraphraser, PLAIN, 1)).then(
      () => null,
      (thrown: Error & { code: string }) => thrown,
    );
    expect(error).toMatchObject({ code });
    expect(error!.message).not.toContain("sk-secret");
  });

  it("a server that is not there and an address that is none are told of", async () => {
    const nobody = endpointParaphraser({ baseURL: "http://127.0.0.1:1", tries: 1 });
    await expect(withParaphraser(nobody, PLAIN, 1)).rejects.toMatchObject({ code: "network" });
    expect(() => endpointParaphraser({ baseURL: "nowhere" })).toThrow(/baseURL: wanted an address/);
    await expect(localParaphraser("/no/such/model").rewrite(["a"], ["0"])).rejects.toMatchObject({
      code: "model-not-found",
    });
  });

  it("runs a model in this process: the shipped one continues the instruction, the same for the same seed", async () => {
    const paraphraser = localParaphraser(modelFolder, { dtype, task: "text-generation" });
    const [first, again, other] = await paraphraser.rewrite([PLAIN, PLAIN, PLAIN], ["0.1", "0.1", "0.2"]);
    expect(first!.length).toBeGreaterThan(20);
    expect(first).not.toContain("Rewrite the following passage");
    expect([again === first, other === first]).toEqual([true, false]);
  });

  it("takes quotation marks and an announcement off an answer, and nothing else", () => {
    expect(passageOf('Sure, here it is:\n\n"He went home."')).toBe("He went home.");
    expect(passageOf("<think>\nShort.\n</think>\n\nHe went.")).toBe("He went.");
    expect(passageOf("<think>\nNever ends")).toBe("");
    expect(passageOf(" He said: go.\n")).toBe("He said: go.");
    expect(passageOf("“Go,” he said.")).toBe("“Go,” he said.");
  });
});
