import { createProfile, gumbel, Key, synthid, type TokenmarkError } from "@tokenmark/core";
import { detectText, detectTokens } from "@tokenmark/detector";
import { beforeAll, describe, expect, test } from "vitest";
import { createGenerator, type Generator } from "../src/index.ts";
import { dtype, modelFolder, modelFolders } from "./model-folder.ts";

const key = Key.fromHex("5a".repeat(32));
const sampling = { maxTokens: 120, temperature: 0.9, topP: 0.92 };
const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: TokenmarkError) => error.code,
  );

let generator: Generator;
beforeAll(async () => {
  generator = await createGenerator(modelFolder, { dtype, scheme: { scheme: "gumbel" }, key });
});

describe.each(modelFolders)("on %s", (folder) => {
  test("marked text is found from its characters and from its ids; unmarked text is not", async () => {
    const own = await createGenerator(folder, { dtype, scheme: { scheme: "synthid" }, key });
    for (const scheme of [gumbel(key), synthid(key)]) {
      const { text, tokens, promptTokens } = await own.generate("Once upon a time", {
        ...sampling,
        scheme,
        maxTokens: 200,
        seed: 4,
        endTokens: [],
      });
      const span = { start: promptTokens.length, promptKnown: true };
      expect(detectTokens(scheme, [...promptTokens, ...tokens], span).pValue).toBeLessThan(1e-5);
      expect(detectText(scheme, text, own.tokenizer).pValue).toBeLessThan(1e-4);
      const plain = await own.generate("Once upon a time", { ...sampling, scheme: null, seed: 4 });
      expect(detectText(scheme, plain.text, own.tokenizer).pValue).toBeGreaterThan(1e-3);
    }
    await own.dispose();
  });
});

describe("generate", () => {
  test("one seed gives one text, another seed another, and no seed a new one each time", async () => {
    const run = async (seed?: number): Promise<string> =>
      (
        await generator.generate("A dog", {
          ...sampling,
          scheme: null,
          maxTokens: 30,
          ...(seed === undefined ? {} : { seed }),
        })
      ).text;
    expect(await run(7)).toBe(await run(7));
    expect(await run(7)).not.toBe(await run(8));
    expect(await run()).not.toBe(await run());
  });

  test("a batch gives each prompt the text that it gets alone", async () => {
    const prompts = ["A dog", "Once upon a time there was a little girl", "Tom"];
    const batch = await generator.generate(prompts, { ...sampling, seed: ["a", "b", "c"] });
    for (const [row, prompt] of prompts.entries()) {
      expect(batch[row]).toEqual(await generator.generate(prompt, { ...sampling, seed: "abc"[row]! }));
    }
    expect(await generator.generate([])).toEqual([]);
  });

  test("each prompt of a batch can carry a mark of its own, and none", async () => {
    const schemes = [gumbel(key), gumbel(Key.fromHex("a5".repeat(32))), null];
    const prompts = ["A dog", "A dog", "A dog"];
    const seed = ["a", "b", "c"];
    const texts = await generator.generate(prompts, { ...sampling, scheme: schemes, seed, endTokens: [] });
    for (const [row, { tokens }] of texts.entries()) {
      for (const [other, scheme] of schemes.entries()) {
        if (scheme === null) continue;
        const { pValue } = detectTokens(scheme, tokens);
        if (row === other) expect(pValue).toBeLessThan(1e-6);
        else expect(pValue).toBeGreaterThan(1e-3);
      }
    }
    expect(await codeOf(generator.generate(prompts, { ...sampling, scheme: schemes.slice(1) }))).toBe("bad-argument");
  });

  test("the text reads on from the prompt: together they are what the tokenizer decodes", async () => {
    for (const prompt of ["Once upon a time", "Once upon a time, ", 'He said "', "", "é 😀"]) {
      const { text, tokens, promptTokens } = await generator.generate(prompt, { ...sampling, maxTokens: 40, seed: 2 });
      const decode = generator.tokenizer.decode;
      expect(decode(promptTokens) + text).toBe(decode([...promptTokens, ...tokens]));
    }
  });

  test("a text ends with its end token, which is in the ids and not in the text; the receipt adds up", async () => {
    const [period] = generator.tokenizer.encode("a.").slice(-1);
    const options = { ...sampling, endTokens: [period!], seed: 3 };
    for (const row of await generator.generate(["One day, a little girl", "The big"], options)) {
      expect(row.finishReason).toBe("stop");
      expect(row.tokens.indexOf(period!)).toBe(row.tokens.length - 1);
      expect(Object.values(row.outcomes).reduce((sum, count) => sum + count, 0)).toBe(row.tokens.length);
    }
  });

  test("what cannot be written is refused: a text past the position table, an aborted one, greedy under a drawing scheme", async () => {
    const { contextLength } = generator;
    expect(await codeOf(generator.generate("A dog", { maxTokens: contextLength! }))).toBe("too-long");
    expect(await codeOf(generator.generate("A dog", { maxTokens: 0 }))).toBe("bad-argument");
    expect(await codeOf(generator.generate("A dog", { signal: AbortSignal.abort() }))).toBe("aborted");
    expect(await codeOf(generator.generate("A dog", { greedy: true }))).toBe("needs-sampling");
    expect((await generator.generate("A dog", { greedy: true, scheme: null, maxTokens: 3 })).tokens).toHaveLength(3);
  });
});

describe("stream", () => {
  test("its pieces are the text of generate, byte for byte", async () => {
    const expected = await generator.generate("Once upon a time", { ...sampling, seed: 5 });
    const stream = generator.stream("Once upon a time", { ...sampling, seed: 5 });
    const pieces: string[] = [];
    for await (const piece of stream) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(20);
    expect(pieces.join("")).toBe(expected.text);
    expect(await stream.result).toEqual(expected);
  });

  test("two streams at once are what they are alone", async () => {
    const prompts = ["A dog", "Once upon a time there was"];
    const read = async (prompt: string): Promise<string> => {
      let text = "";
      for await (const piece of generator.stream(prompt, { ...sampling, seed: prompt })) text += piece;
      return text;
    };
    const together = await Promise.all(prompts.map(read));
    for (const [i, prompt] of prompts.entries()) expect(together[i]).toBe(await read(prompt));
  });

  test("leaving the loop ends the generation; errors come out of the loop", async () => {
    const stream = generator.stream("A dog", { ...sampling, seed: 1 });
    for await (const piece of stream) if (piece !== "") break;
    expect(await codeOf(stream.result)).toBe("aborted");
    const tooLong = generator.stream("A dog", { maxTokens: 1e6 });
    const drain = async (): Promise<void> => {
      for await (const _ of tooLong);
    };
    expect(await codeOf(drain())).toBe("too-long");
  });
});

test("a profile's key, tokenizer and width are checked before anything is written", async () => {
  const parts = { scheme: { scheme: "kgw" } as never, key, tokenizer: generator.identity };
  const profile = createProfile(parts);
  expect((await createGenerator(modelFolder, { dtype, profile, key })).scheme?.name).toBe("kgw");
  const load = (changes: object, other = key): Promise<string | undefined> =>
    codeOf(createGenerator(modelFolder, { dtype, profile: { ...profile, ...changes }, key: other }));
  expect(await load({}, Key.fromHex("5b".repeat(32)))).toBe("key-mismatch");
  expect(await load({ tokenizer: { ...profile.tokenizer, sha256: "0".repeat(64) } })).toBe("tokenizer-mismatch");
  expect(await load({ tokenizer: { ...profile.tokenizer, vocabularySize: 7 } })).toBe("vocabulary-mismatch");
  expect(await codeOf(createGenerator(modelFolder, { dtype, profile }))).toBe("bad-argument");
});
