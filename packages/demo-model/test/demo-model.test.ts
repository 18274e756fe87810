import { readFileSync } from "node:fs";
import {
  AutoModelForCausalLM,
  AutoTokenizer,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  type Tensor,
} from "@huggingface/transformers";
import { beforeAll, expect, test } from "vitest";
import { dtype, modelFolder } from "../src/index.ts";

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
