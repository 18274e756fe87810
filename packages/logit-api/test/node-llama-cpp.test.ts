import {
  type GenerateOptions,
  type GenerationSummary,
  generate,
  gumbel,
  Key,
  kgw,
  type LogitSource,
  type NextLogits,
  synthid,
  type TokenId,
  TokenmarkError,
  type WatermarkScheme,
} from "@tokenmark/core";
import { detectTokens } from "@tokenmark/detector";
import { engineKey, engineRegistry, findContract } from "@tokenmark/engines";
import fc from "fast-check";
import seedrandom from "seedrandom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeLlamaCppSource, nodeLlamaCpp } from "../src/index.ts";
import { type EngineSequence, engineNote, loadTinyModel, skipsEngine, type TinyModel } from "./real-engine.ts";

const VLLM = "vllm-gumbel/philox4x32-10-v1";
const vllm = (key: string): WatermarkScheme => engineRegistry[VLLM]!.create({}, engineKey(findContract(VLLM), { key }));
const [right, wrong] = ["17", "18"].map((byte) => Key.fromHex(byte.repeat(32))) as [Key, Key];
const schemes: [string, WatermarkScheme, WatermarkScheme][] = [
  ["kgw", kgw(right), kgw(wrong)],
  ["synthid", synthid(right), synthid(wrong)],
  ["gumbel", gumbel(right), gumbel(wrong)],
  ["vLLM's gumbel", vllm("17"), vllm("18")],
];

const LENGTH = 200;
/** Cached and fresh evaluations add up in another order, over a cache of 16-bit floats. */
const TOLERANCE = 1e-3;

async function write(source: LogitSource, prompt: readonly TokenId[], options: Partial<GenerateOptions>) {
  let summary: GenerationSummary | undefined;
  const onEnd = (ended: GenerationSummary): void => {
    summary = ended;
  };
  const pieces: string[] = [];
  let error: unknown;
  try {
    const stream = generate(source, prompt, { maxTokens: LENGTH, random: seedrandom("draw"), onEnd, ...options });
    for await (const { text } of stream) pieces.push(text);
  } catch (thrown) {
    error = thrown;
  }
  return { ...summary!, pieces, error };
}

function largestDifference(a: NextLogits, b: NextLogits): number {
  expect(a.logits.length).toBe(b.logits.length);
  return a.logits.reduce((largest, score, i) => Math.max(largest, Math.abs(score - b.logits[i]!)), 0);
}

describe.skipIf(skipsEngine)(`nodeLlamaCpp on a real llama.cpp${engineNote}`, () => {
  let tiny: TinyModel;
  let sequence: EngineSequence;
  let source: NodeLlamaCppSource;
  let prompt: readonly TokenId[];
  const evaluated = (): number => sequence.tokenMeter.usedInputTokens + sequence.tokenMeter.usedOutputTokens;

  beforeAll(async () => {
    tiny = await loadTinyModel("tokenmark");
    sequence = await tiny.createSequence();
    source = nodeLlamaCpp(sequence);
    prompt = source.encode("tell me of the storm");
  });
  afterAll(async () => {
    await tiny?.dispose();
  });

  /** Scores of a sequence that has never seen anything else. */
  async function freshScores(tokens: readonly TokenId[]): Promise<NextLogits> {
    const fresh = await tiny.createSequence();
    const scores = await nodeLlamaCpp(fresh).next(tokens);
    await fresh.context.dispose();
    return scores;
  }

  it("tells the model's vocabulary, context and end tokens, and begins a prompt with the BOS", () => {
    expect(source).toMatchObject({ vocabularySize: 512, contextLength: 1024, endTokens: [2] });
    expect(prompt[0]).toBe(1);
    expect(source.encode("tell me of the storm", { addSpecial: false })).toEqual(prompt.slice(1));
    expect(source.decode(prompt)).toBe(" tell me of the storm");
  });

  it("writes text of 2.5 to 4.5 bits a token, as prose has", async () => {
    const { tokens } = await write(source, prompt, {});
    let bits = 0;
    for (let i = 0; i < tokens.length; i++) {
      const { logits } = await source.next([...prompt, ...tokens.slice(0, i)]);
      const max = Math.max(...logits);
      const total = logits.reduce((sum, score) => sum + Math.exp(score - max), 0);
      for (const score of logits) {
        const p = Math.exp(score - max) / total;
        if (p > 0) bits -= (p * Math.log2(p)) / tokens.length;
      }
    }
    expect(bits).toBeGreaterThan(2.5);
    expect(bits).toBeLessThan(4.5);
  });

  it.each(schemes)(
    "%s: 200 marked tokens are found at p < 1e-6, a wrong key and unmarked text are not at 1e-4 (false alarm 2e-4)",
    async (_, scheme, other) => {
      const test = (by: WatermarkScheme, tokens: readonly TokenId[]): number =>
        detectTokens(by, [...prompt, ...tokens], { start: prompt.length, promptKnown: true }).log10PValue;
      const marked = await write(source, prompt, { scheme });
      const plain = await write(source, prompt, {});
      expect(marked.tokens).toHaveLength(LENGTH);
      expect(test(scheme, marked.tokens)).toBeLessThan(-6);
      expect(test(other, marked.tokens)).toBeGreaterThan(-4);
      expect(test(scheme, plain.tokens)).toBeGreaterThan(-4);
    },
  );

  it("writes the same tokens twice from the same seed", async () => {
    const run = async () => {
      const fresh = await tiny.createSequence();
      const { tokens } = await write(nodeLlamaCpp(fresh), prompt, { scheme: synthid(right) });
      await fresh.context.dispose();
      return tokens;
    };
    const first = await run();
    expect(first).toHaveLength(LENGTH);
    expect(await run()).toEqual(first);
  });

  it("gives the raw model's scores, whatever the engine's own sampling would do to them", async () => {
    const { logits } = await source.next(prompt);
    const fresh = await tiny.createSequence();
    const ask = async (options: Record<string, number>) => {
      await fresh.adaptStateToTokens([], false);
      const last = prompt.at(-1)!;
      const answer = await fresh.controlledEvaluate([
        ...prompt.slice(0, -1),
        [last, { generateNext: { logits: true, options } }],
      ]);
      return answer.at(-1)!.next.logits!;
    };
    // Greedy choice leaves the scores alone in llama.cpp.
    const raw = await ask({ temperature: 0 });
    expect(largestDifference({ logits }, { logits: logits.map((_, token) => raw.get(token)!) })).toBeLessThan(
      TOLERANCE,
    );
    expect((await ask({ temperature: 0.5, topK: 40, topP: 0.95 })).size).toBeLessThan(41);
    await fresh.context.dispose();
  });

  it("with topLogprobs gives the best candidates, by ascending id", async () => {
    const dense = await source.next(prompt);
    const sparse = await nodeLlamaCpp(sequence, { topLogprobs: 20 }).next(prompt);
    const candidates = Array.from(sparse.candidates!);
    const best = [...dense.logits.keys()].sort((a, b) => dense.logits[b]! - dense.logits[a]!).slice(0, 20);
    expect(candidates).toEqual(best.sort((a, b) => a - b));
    const same = Float32Array.from(candidates, (token) => dense.logits[token]!);
    expect(largestDifference({ logits: same }, sparse)).toBeLessThan(TOLERANCE);
  });

  it("evaluates a prompt once, then one token a step, and the last token again where all is known", async () => {
    const long = [1, ...Array.from({ length: 200 }, (_, i) => 259 + ((i * 37) % 250))];
    const cost = async (tokens: readonly TokenId[]): Promise<number> => {
      const before = evaluated();
      await source.next(tokens);
      return evaluated() - before;
    };
    await sequence.adaptStateToTokens([], false);
    expect(await cost(long)).toBe(201);
    expect(await cost([...long, 300])).toBe(1);
    expect(await cost([...long, 300, 301])).toBe(1);
    expect(await cost([...long, 300, 301])).toBe(1);
    expect(await cost(long.slice(0, 150))).toBe(1);
    expect(await cost([...long.slice(0, 100), 400, 401, 402])).toBe(3);
  });

  it("gives within 1e-3 the scores of a fresh evaluation: step by step, back at a shorter prefix, on another branch", async () => {
    const text = [...prompt];
    for (let i = 0; i < 40; i++) {
      const { logits } = await source.next(text);
      text.push(logits.indexOf(Math.max(...logits.subarray(259))));
    }
    for (const tokens of [text, text.slice(0, 20), [...text.slice(0, 12), 300, 301], [1], text]) {
      expect(largestDifference(await source.next(tokens), await freshScores(tokens))).toBeLessThan(TOLERANCE);
    }
  });

  it("answers questions asked at once one after the other, each its own", async () => {
    const questions = [prompt, [...prompt, 300], [1, 270, 280], [...prompt, 300, 301]];
    const answers = await Promise.all(questions.map((tokens) => source.next(tokens)));
    for (const [i, tokens] of questions.entries()) {
      expect(largestDifference(answers[i]!, await freshScores(tokens))).toBeLessThan(TOLERANCE);
    }
  });

  it("notices that somebody else uses its sequence", async () => {
    const answer = source.next([1, 270, 280]);
    const outsider = sequence.evaluateWithoutGeneratingNewTokens([300, 301]);
    await expect(answer).rejects.toMatchObject({ code: "bad-argument", message: /for this source alone/ });
    await outsider;
    expect(largestDifference(await source.next(prompt), await freshScores(prompt))).toBeLessThan(TOLERANCE);
  });

  it("gives text pieces that, concatenated, are the decoding of all tokens", async () => {
    const { tokens, pieces, text } = await write(source, prompt, { maxTokens: 400 });
    expect(tokens.some((token) => token < 259)).toBe(true);
    expect(pieces.join("")).toBe(text);
    expect(source.decode([...prompt, ...tokens])).toBe(source.decode(prompt) + text);
  });

  it("never splits a character over two pieces, and spells any run of tokens as the engine does", () => {
    const spell = (tokens: readonly TokenId[]): string[] => {
      const detokenizer = source.createDetokenizer([]);
      return [...tokens.map((token) => detokenizer.push(token)), detokenizer.flush()];
    };
    const text = "né 日本語 🎉\u{1F469}\u200D\u{1F680} o";
    const pieces = spell(source.encode(text));
    expect(pieces.join("")).toBe(` ${text}`);
    for (const piece of pieces) expect(piece).not.toMatch(/\uFFFD|^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/);
    expect(pieces).toContain("日");
    expect(pieces).toContain("🎉");
    const byte = fc.integer({ min: 3, max: 258 });
    const run = fc.array(fc.oneof(byte, fc.integer({ min: 0, max: 511 })), { maxLength: 24 });
    fc.assert(
      fc.property(run, (tokens) => spell(tokens).join("") === source.decode([1, ...tokens])),
      { numRuns: 500 },
    );
  });

  it("fills the context to its last token, then says too-long and shifts nothing", async () => {
    const small = await tiny.createSequence(256);
    const limited = nodeLlamaCpp(small);
    const { tokens, error, finishReason } = await write(limited, prompt, { maxTokens: 5000 });
    expect(error).toBeInstanceOf(TokenmarkError);
    expect(error).toMatchObject({ code: "too-long", message: /room for 256 tokens/ });
    expect(finishReason).toBe("failed");
    expect(prompt.length + tokens.length).toBe(limited.contextLength);
    expect(small.contextTokens).toEqual([...prompt, ...tokens].slice(0, -1));
    await small.context.dispose();
  });

  it("stops between two batches of a long prompt when aborted, and answers on", async () => {
    const long = [1, ...Array.from({ length: 1000 }, (_, i) => 259 + ((i * 53) % 250))];
    await sequence.adaptStateToTokens([], false);
    const controller = new AbortController();
    setImmediate(() => controller.abort("enough"));
    await expect(source.next(long, { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
      cause: "enough",
    });
    expect(sequence.nextTokenIndex).toBeLessThan(1000);
    await expect(source.next(prompt, { signal: controller.signal })).rejects.toMatchObject({ code: "aborted" });
    expect(largestDifference(await source.next(prompt), await freshScores(prompt))).toBeLessThan(TOLERANCE);
  });

  it("refuses no tokens, tokens outside the vocabulary, and fewer than two candidates, and answers on", async () => {
    await expect(source.next([])).rejects.toMatchObject({
      code: "bad-argument",
      message: /begin with the model's BOS/,
    });
    for (const token of [512, -1, 1.5, Number.NaN]) {
      await expect(source.next([1, token])).rejects.toMatchObject({ code: "bad-argument", message: /from 0 to 511/ });
    }
    expect(() => nodeLlamaCpp(sequence, { topLogprobs: 1 })).toThrow(/topLogprobs/);
    expect((await source.next([1])).logits).toHaveLength(512);
  });

  it("says that a disposed sequence is disposed, also when it happens in the midst of a question", async () => {
    const doomed = await tiny.createSequence();
    const orphan = nodeLlamaCpp(doomed);
    const long = [1, ...Array.from({ length: 1000 }, () => 300)];
    const answer = expect(orphan.next(long)).rejects.toMatchObject({ code: "bad-argument", message: /disposed/ });
    await new Promise((resolve) => setImmediate(resolve));
    await doomed.dispose();
    await answer;
    await expect(orphan.next([1])).rejects.toMatchObject({ code: "bad-argument", message: /disposed/ });
    expect(() => orphan.encode("a")).toThrow(/disposed/);
    expect(() => nodeLlamaCpp(doomed)).toThrow(/disposed/);
  });
});
