import {
  AutoModelForCausalLM,
  AutoTokenizer,
  LogitsProcessorList,
  pipeline,
  random,
  TextStreamer,
} from "@huggingface/transformers";
import {
  createScheme,
  defaultSchemeConfig,
  gumbel,
  Key,
  kgw,
  schemeNames,
  synthid,
  type TokenmarkError,
} from "@tokenmark/core";
import { detectTokens } from "@tokenmark/detector";
import { beforeAll, describe, expect, test } from "vitest";
import { type HostLogits, markedGeneration, watermarkProcessor } from "../src/index.ts";
import { dtype, modelFolder } from "./model-folder.ts";

type Model = Awaited<ReturnType<typeof AutoModelForCausalLM.from_pretrained>>;
type Tokenizer = Awaited<ReturnType<typeof AutoTokenizer.from_pretrained>>;
const key = Key.fromHex("07".repeat(32));
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return (error as TokenmarkError).code;
  }
  return undefined;
};

let model: Model;
let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await AutoTokenizer.from_pretrained(modelFolder);
  model = await AutoModelForCausalLM.from_pretrained(modelFolder, { dtype });
});

const sampling = { do_sample: true, top_k: 0, temperature: 0.9, max_new_tokens: 60, eos_token_id: [] as number[] };

async function write(prompts: string | string[], extra: object): Promise<number[][]> {
  random.seed(5);
  tokenizer.padding_side = "left";
  const inputs = tokenizer(prompts, { padding: true });
  const output = await model.generate({ ...inputs, ...sampling, ...extra } as never);
  return (output as unknown as { tolist(): bigint[][] }).tolist().map((row) => row.map(Number));
}

describe("watermarkProcessor in model.generate", () => {
  test("takes its place bare, in an array and in a LogitsProcessorList, with the same text", async () => {
    const scheme = synthid(key);
    const list = new LogitsProcessorList();
    list.push(watermarkProcessor(scheme) as never);
    const bare = await write("Once upon a time", { logits_processor: watermarkProcessor(scheme) });
    expect(await write("Once upon a time", { logits_processor: [watermarkProcessor(scheme)] })).toEqual(bare);
    expect(await write("Once upon a time", { logits_processor: list })).toEqual(bare);
    expect(await write("Once upon a time", {})).not.toEqual(bare);
  });

  test("fits the host's own parameter type, and takes further processors behind it", () => {
    const typed: LogitsProcessorList = watermarkProcessor(kgw(key));
    const list = watermarkProcessor(kgw(key));
    list.push((_ids, logits) => logits);
    expect([typed, list].map((processors) => [...processors].length)).toEqual([1, 2]);
  });

  test.each(schemeNames)("%s: sixty marked tokens are evidence under the key and none under another", async (name) => {
    const scheme = createScheme(defaultSchemeConfig(name), key);
    const [ids] = await write("Once upon a time", { logits_processor: watermarkProcessor(scheme, { seed: 3 }) });
    const start = tokenizer.encode("Once upon a time").length;
    const log10 = (other: Key): number =>
      detectTokens(createScheme(defaultSchemeConfig(name), other), ids!, { start, promptKnown: true }).log10PValue;
    expect(log10(key)).toBeLessThan(name === "unigram" || name === "kgw" ? -1.3 : -2.5);
    expect(log10(Key.fromHex("08".repeat(32)))).toBeGreaterThan(-3);
  });

  test("a streamer gets what generate returns", async () => {
    const seen: number[] = [];
    const streamer = new TextStreamer(tokenizer, {
      skip_prompt: true,
      callback_function: () => {},
      token_callback_function: (tokens) => void seen.push(...tokens.map(Number)),
    });
    const start = tokenizer.encode("Once upon a time").length;
    const [ids] = await write("Once upon a time", { logits_processor: watermarkProcessor(gumbel(key)), streamer });
    expect(seen).toEqual(ids!.slice(start));
  });

  test("in a left-padded batch no padding enters a context, with any way of naming the padding or none", async () => {
    const prompts = ["A dog", "Once upon a time there was a girl"];
    const lengths = prompts.map((prompt) => tokenizer.encode(prompt).length);
    // One more than the short prompt has: its first position has too little context, unless padding is taken for a token.
    const scheme = gumbel(key, { contextWidth: lengths[0]! + 1 });
    const mask = tokenizer(prompts, { padding: true }).attention_mask;
    const long = watermarkProcessor(scheme);
    const [alone] = await write(prompts[1]!, { logits_processor: long });
    const ways = [
      { attentionMask: mask as never },
      { promptLengths: lengths },
      { padTokenId: tokenizer.pad_token_id! },
      {},
    ];
    for (const way of ways) {
      const processor = watermarkProcessor(scheme, way);
      const rows = await write(prompts, { logits_processor: processor });
      expect(processor.outcomes().map((counts) => counts["short-context"])).toEqual([1, undefined]);
      // The keyed draw decides every marked token; only at a repeated context does the host's own draw come in.
      expect(rows[1]!.slice(0, lengths[1]! + 15)).toEqual(alone!.slice(0, lengths[1]! + 15));
    }
  });

  test("two generations that run at once on one processor write what each writes alone", async () => {
    const scheme = gumbel(key);
    const prompts = ["Once upon a time there was", "One day, a little girl went"];
    const alone = [];
    for (const prompt of prompts) alone.push(await write(prompt, { logits_processor: watermarkProcessor(scheme) }));
    const shared = watermarkProcessor(scheme);
    const together = await Promise.all(prompts.map((prompt) => write(prompt, { logits_processor: shared })));
    // The keyed draw decides every marked token, so the host's shared random numbers cannot part them before a repeat.
    expect(together.map(([ids]) => ids!.slice(0, 20))).toEqual(alone.map(([ids]) => ids!.slice(0, 20)));
  });
});

test("drops into a text-generation pipeline, one prompt or several", async () => {
  const write = await pipeline("text-generation", modelFolder, { dtype });
  const scheme = gumbel(key);
  const options = { do_sample: true, top_k: 0, max_new_tokens: 80, return_full_text: false };
  for (const prompts of ["Once upon a time", ["Once upon a time", "A dog"]]) {
    const output = (await write(
      prompts as never,
      { ...options, logits_processor: watermarkProcessor(scheme) } as never,
    )) as unknown as { generated_text: string }[];
    for (const { generated_text } of output.flat()) {
      const ids = tokenizer.encode(generated_text, { add_special_tokens: false });
      expect(detectTokens(scheme, ids).log10PValue).toBeLessThan(-3);
    }
  }
});

describe("refusals", () => {
  const scores = (width: number, type = "float32"): HostLogits => ({
    type,
    dims: [1, width],
    data: type === "float32" ? new Float32Array(width) : new Uint16Array(width),
  });
  test("a processor refuses logits that are not float32, of another width, or not one row a row of ids", () => {
    const processor = watermarkProcessor(kgw(key), { vocabularySize: 8 });
    expect(codeOf(() => processor([[1n]], scores(8, "float16")))).toBe("bad-logits");
    expect(codeOf(() => processor([[1n]], scores(9)))).toBe("vocabulary-mismatch");
    expect(codeOf(() => processor([[1n], [2n]], scores(8)))).toBe("unsupported-host");
    expect(
      codeOf(() => processor([[1n, 2n, 3n, 4n]], { ...scores(8), data: new Float32Array(8).fill(Number.NaN) })),
    ).toBe("nan-logits");
  });

  test.each([
    [{ do_sample: false }, "needs-sampling"],
    [{}, "needs-sampling"],
    [{ do_sample: true, temperature: 0 }, "needs-sampling"],
    [{ do_sample: true, top_k: 1 }, "needs-sampling"],
    [{ do_sample: true, num_beams: 2 }, "unsupported-host"],
  ])("generation settings %j are refused before anything is written", (generation, code) => {
    expect(codeOf(() => watermarkProcessor(synthid(key), { generation }))).toBe(code);
    expect(codeOf(() => markedGeneration(synthid(key), generation))).toBe(code);
  });

  test("greedy text can be marked by a biasing scheme", () => {
    expect(codeOf(() => watermarkProcessor(kgw(key), { generation: { do_sample: false } }))).toBeUndefined();
  });

  test("markedGeneration reads the model's own defaults, sets top_k to 0, and refuses truncation that the host would do wrong", () => {
    const options = { do_sample: true, max_new_tokens: 5 };
    expect(markedGeneration(synthid(key), options)).toMatchObject({ ...options, top_k: 0, num_beams: 1 });
    expect(
      codeOf(() => markedGeneration(synthid(key), options, { model: { generation_config: { num_beams: 4 } } })),
    ).toBe("unsupported-host");
    expect(codeOf(() => markedGeneration(synthid(key), { ...options, top_k: 40 }))).toBe("unsupported-host");
    expect(codeOf(() => markedGeneration(synthid(key), { ...options, top_p: 0.9 }))).toBe("unsupported-host");
    expect(markedGeneration(synthid(key), { ...options, top_p: 0.9 }, { exact: true })).toMatchObject({
      do_sample: false,
    });
  });
});
