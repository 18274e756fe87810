import { readFileSync } from "node:fs";
import {
  AutoModelForCausalLM,
  AutoTokenizer,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  type Tensor,
} from "@huggingface/transformers";
import { beforeAll, expect, test } from "vitest";
import { dtype, modelFolder, prompts } from "../src/index.ts";

let model: PreTrainedModel;
let tokenizer: PreTrainedTokenizer;
beforeAll(async () => {
  model = await AutoModelForCausalLM.from_pretrained(modelFolder, { dtype });
  tokenizer = await AutoTokenizer.from_pretrained(modelFolder);
});

type Generate = Parameters<PreTrainedModel["generate"]>[0];

test("continues a left-padded batch as it continues each prompt alone", async () => {
  const prompts = ["The people of this country", "Buster Bear", 'Moses said to the people, "Do not'];
  const write = async (texts: string[]): Promise<string[]> => {
    const inputs = tokenizer(texts, { padding: true }) as object;
    const ids = (await model.generate({
      ...inputs,
      max_new_tokens: 24,
      do_sample: false,
    } as unknown as Generate)) as Tensor;
    return tokenizer.batch_decode(ids, { skip_special_tokens: true });
  };
  const together = await write(prompts);
  for (const [i, prompt] of prompts.entries()) {
    expect(together[i]!.startsWith(prompt)).toBe(true);
    expect((await write([prompt]))[0]).toBe(together[i]);
  }
});

test("reads and writes every character of the held-out text", () => {
  const text = readFileSync(new URL("../evaluation/held-out.txt", import.meta.url), "utf8").slice(0, 20_000);
  expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
});

test("needs less than 1.5 bits per byte on a tenth of the held-out text", async () => {
  const documents = readFileSync(new URL("../evaluation/held-out.txt", import.meta.url), "utf8")
    .trim()
    .split("\n\n");
  const read = model as unknown as (inputs: object) => Promise<{ logits: Tensor }>;
  let bits = 0;
  let bytes = 0;
  for (const document of documents.filter((_, i) => i % 10 === 0)) {
    const ids = (tokenizer.encode(document) as number[]).map(Number).slice(0, 256);
    const { logits } = await read(tokenizer(`<|endoftext|>${tokenizer.decode(ids)}`) as object);
    const size = logits.dims[2]!;
    const data = logits.data as Float32Array;
    for (const [i, id] of ids.entries()) {
      const row = data.subarray(i * size, (i + 1) * size);
      const highest = row.reduce((a, b) => Math.max(a, b));
      const sum = row.reduce((total, logit) => total + Math.exp(logit - highest), 0);
      bits += (Math.log(sum) + highest - row[id]!) / Math.LN2;
    }
    bytes += Buffer.byteLength(tokenizer.decode(ids));
  }
  expect(bits / bytes).toBeLessThan(1.5);
});

test("bundles at least 200 different prompts, none longer than 24 tokens", () => {
  expect(new Set(prompts).size).toBeGreaterThanOrEqual(200);
  for (const prompt of prompts) expect(tokenizer.encode(prompt).length).toBeLessThanOrEqual(24);
});
