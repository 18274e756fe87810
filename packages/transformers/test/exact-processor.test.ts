import { AutoModelForCausalLM, AutoTokenizer } from "@huggingface/transformers";
import { createScheme, defaultSchemeConfig, generate, gumbel, Key, schemeNames } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { beforeAll, describe, expect, test } from "vitest";
import { createModelSource, exactProcessor, markedGeneration } from "../src/index.ts";
import { dtype, modelFolder } from "./model-folder.ts";

const key = Key.fromHex("21".repeat(32));
let model: Awaited<ReturnType<typeof AutoModelForCausalLM.from_pretrained>>;
let tokenizer: Awaited<ReturnType<typeof AutoTokenizer.from_pretrained>>;
beforeAll(async () => {
  tokenizer = await AutoTokenizer.from_pretrained(modelFolder);
  model = await AutoModelForCausalLM.from_pretrained(modelFolder, { dtype });
});

const sampling = { temperature: 0.9, topK: 100, topP: 0.95, minP: 0.001 };

async function host(
  prompts: string[],
  processor: ReturnType<typeof exactProcessor>,
  max_new_tokens: number,
  ends: number[],
) {
  tokenizer.padding_side = "left";
  const inputs = tokenizer(prompts, { padding: true });
  const settings = { max_new_tokens, do_sample: false, eos_token_id: ends, logits_processor: processor };
  const output = await model.generate({ ...inputs, ...settings } as never);
  return (output as unknown as { tolist(): bigint[][] }).tolist().map((row) => row.map(Number));
}

describe("exactProcessor", () => {
  test.each([...schemeNames, "none" as const])(
    "%s: draws what core's generate draws from the same seed",
    async (name) => {
      const scheme = name === "none" ? null : createScheme(defaultSchemeConfig(name), key);
      const prompt = tokenizer.encode("One day, a little");
      const expected: number[] = [];
      const source = createModelSource(model as never, { name: "the model" });
      const options = { ...sampling, maxTokens: 40, random: seedrandom("9"), ...(scheme ? { scheme } : {}) };
      for await (const { token } of generate(source, prompt, options)) expected.push(token);
      const processor = exactProcessor(scheme, { ...sampling, seed: 9 });
      const [ids] = await host(["One day, a little"], processor, 40, []);
      expect(ids!.slice(prompt.length)).toEqual(expected);
      expect(processor.rows()[0]!.tokens).toEqual(expected);
    },
  );

  test("a row's tokens depend on its prompt and seed, not on the batch", async () => {
    const scheme = gumbel(key);
    const prompts = ["A dog", "Once upon a time there was a girl", "Tom said"];
    const batch = exactProcessor(scheme, { ...sampling, seed: [1, 2, 3], padTokenId: tokenizer.pad_token_id! });
    await host(prompts, batch, 50, []);
    for (const [row, prompt] of prompts.entries()) {
      const alone = exactProcessor(scheme, { ...sampling, seed: row + 1 });
      await host([prompt], alone, 50, []);
      expect(batch.rows()[row]!.tokens).toEqual(alone.rows()[0]!.tokens);
    }
  });

  test("one seed gives every row of a batch a stream of its own; without a seed texts differ", async () => {
    const run = async (seed?: number): Promise<string[]> => {
      const processor = exactProcessor(null, { ...sampling, ...(seed === undefined ? {} : { seed }) });
      await host(["A dog", "A dog"], processor, 20, []);
      return processor.rows().map(({ tokens }) => tokens.join());
    };
    const [first, second] = await run(4);
    expect(first).not.toBe(second);
    expect(await run(4)).toEqual([first, second]);
    expect(await run()).not.toEqual(await run());
  });

  test("a row that has drawn its end token repeats it while the others write on, and counts it once", async () => {
    const period = tokenizer.encode("the end.", { add_special_tokens: false }).at(-1)!;
    const processor = exactProcessor(null, { ...sampling, seed: 3, endTokens: [period] });
    const prompts = ["One day, a little girl", "Tom"];
    const rows = await host(prompts, processor, 200, [period]);
    for (const [i, { tokens, finishReason }] of processor.rows().entries()) {
      expect(finishReason).toBe("stop");
      expect(tokens.indexOf(period)).toBe(tokens.length - 1);
      const written = rows[i]!.slice(-Math.max(...processor.rows().map((row) => row.tokens.length)));
      expect(written.slice(tokens.length).every((token) => token === period)).toBe(true);
    }
  });

  test("the host is left one finite score, and a host that takes another token is refused", () => {
    const processor = exactProcessor(null, { seed: 1 });
    const logits = { type: "float32", dims: [1, 4], data: Float32Array.of(0, 1, 2, 3) };
    processor([[7n]], logits);
    expect(Array.from(logits.data).filter((score) => score === 0)).toHaveLength(1);
    expect(Array.from(logits.data).filter((score) => score === Number.NEGATIVE_INFINITY)).toHaveLength(3);
    const wrong = (logits.data.indexOf(0) + 1) % 4;
    const again = { ...logits, data: Float32Array.of(0, 1, 2, 3) };
    expect(() => processor([[7n, BigInt(wrong)]], again)).toThrow(
      expect.objectContaining({ code: "unsupported-host" }),
    );
  });

  test("markedGeneration with exact: true applies top_p and repeats from its seed", async () => {
    const inputs = tokenizer("Once upon a time");
    const run = async (): Promise<string> => {
      const options = { ...inputs, do_sample: true, temperature: 0.9, top_p: 0.5, max_new_tokens: 30 };
      const output = await model.generate(
        markedGeneration(gumbel(key), options, { model, exact: true, seed: 8 }) as never,
      );
      return String(output);
    };
    expect(await run()).toBe(await run());
  });
});
