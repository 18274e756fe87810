import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  AutoModelForCausalLM,
  AutoTokenizer,
  env,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  type Tensor,
} from "@huggingface/transformers";
import { TrainerError } from "../errors.ts";

/** An exported folder as users load it. */
export interface ExportedModel {
  readonly tokenizer: PreTrainedTokenizer;
  /** Next-token logits [length, vocabSize] along a text given as ids, row-major. */
  logits(ids: readonly number[]): Promise<{ data: Float32Array; vocabSize: number }>;
  /** Continues each prompt by `length` tokens, sampled with `random` at temperature 1 from the whole distribution. */
  sample(prompts: readonly string[], length: number, random: () => number): Promise<number[][]>;
}

/** Loads a folder by transformers.js, from the disk alone. */
export async function loadExportedModel(folder: string, dtype: "fp32" | "q8"): Promise<ExportedModel> {
  for (const file of ["config.json", "tokenizer.json", "tokenizer_config.json"]) {
    if (!existsSync(join(folder, file))) {
      throw new TrainerError("invalid-argument", `folder ${folder} must hold ${file}, which is not there`);
    }
  }
  env.allowRemoteModels = false;
  const model: PreTrainedModel = await AutoModelForCausalLM.from_pretrained(folder, { dtype });
  const tokenizer: PreTrainedTokenizer = await AutoTokenizer.from_pretrained(folder);
  const run = model as unknown as (inputs: object) => Promise<{ logits: Tensor }>;
  return Object.freeze({
    tokenizer,
    async logits(ids: readonly number[]) {
      const { Tensor: TensorClass } = await import("@huggingface/transformers");
      const shape = [1, ids.length];
      const { logits } = await run({
        input_ids: new TensorClass("int64", BigInt64Array.from(ids, BigInt), shape),
        attention_mask: new TensorClass("int64", new BigInt64Array(ids.length).fill(1n), shape),
      });
      return { data: logits.data as Float32Array, vocabSize: logits.dims[2]! };
    },
    async sample(prompts: readonly string[], length: number, random: () => number): Promise<number[][]> {
      const inputs = tokenizer([...prompts], { padding: true }) as { input_ids: Tensor };
      const promptLength = inputs.input_ids.dims[1]!;
      // A processor that leaves one finite logit turns greedy search into our own seeded sampling.
      const draw = (_: bigint[][], logits: Tensor): Tensor => {
        const [rows, vocabSize] = logits.dims as [number, number];
        const data = logits.data as Float32Array;
        for (let row = 0; row < rows; row++) keepOne(data.subarray(row * vocabSize, (row + 1) * vocabSize), random());
        return logits;
      };
      const output = (await model.generate({
        ...inputs,
        max_new_tokens: length,
        min_new_tokens: length,
        do_sample: false,
        logits_processor: [draw],
      } as unknown as Parameters<PreTrainedModel["generate"]>[0])) as Tensor;
      return (output.tolist() as bigint[][]).map((row) => row.slice(promptLength).map(Number));
    },
  });
}

/** Leaves the token at quantile `u` of the softmax of `logits` and masks the rest. */
function keepOne(logits: Float32Array, u: number): void {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  let left = u * sum;
  let chosen = logits.length - 1;
  for (let token = 0; token < logits.length; token++) {
    left -= Math.exp(logits[token]! - highest);
    if (left < 0) {
      chosen = token;
      break;
    }
  }
  logits.fill(Number.NEGATIVE_INFINITY);
  logits[chosen] = 0;
}
