import type { TokenSequence, WatermarkScheme } from "@tokenmark/core";
import { defineScheme, playTournament } from "@tokenmark/core";
import { logBinomialUpperTail } from "@tokenmark/stats";
import { defineContract, type EngineContract } from "../../contract.ts";
import { choiceField, integer64Field, integerField, numberField } from "../../field.ts";
import { popcount } from "../synthid/popcount.ts";
import { firstGreens } from "./green-detector.ts";
import { type GreenSetting, vllmGreenScheme } from "./green-scheme.ts";
import { philoxPrf, vllmUniform } from "./vllm-prf.ts";

/** Which draft of `synthid_text`: bits of the plain words, or of streams of their own. */
export type SynthidVariant = "stream" | "plain";
const STREAM = 0x53594e54n << 32n;

/** The g-values of a draft: one word for 32 layers. */
export interface DraftBits {
  load(tokens: TokenSequence, from: number, count: number): void;
  /** Bits 32·part and on of a token; bits beyond the depth are 0. */
  word(token: number, part: number): number;
  readonly parts: number;
  identity(into: Uint32Array, at: number): void;
}

/** Bits of vLLM's PRF by draft. */
export function draftBits(key: bigint, depth: number, variant: SynthidVariant): DraftBits {
  const parts = Math.ceil(depth / 32);
  const prfs = Array.from({ length: parts }, (_, i) => philoxPrf(key, variant === "plain" ? 0n : STREAM + BigInt(i)));
  const last = depth % 32 === 0 ? -1 : (1 << (depth % 32)) - 1;
  return Object.freeze({
    parts,
    load(tokens: TokenSequence, from: number, count: number): void {
      for (const prf of prfs) prf.load(tokens, from, count);
    },
    word: (token: number, part: number) => prfs[part]!.word(token) & (part === parts - 1 ? last : -1),
    identity: (into: Uint32Array, at: number) => prfs[0]!.identity(into, at),
  });
}

/** Share of words whose u is below γ in float32. */
export function redGreenShare(gamma: number): number {
  const limit = Math.fround(gamma);
  let [low, high] = [0, 2 ** 24];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (vllmUniform((middle << 8) >>> 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low / 2 ** 24;
}

/** The setting of vLLM's `red_green` draft. */
export function redGreenSetting(
  given: { readonly gamma: number; readonly delta: number; readonly context_width: number },
  key: bigint,
): GreenSetting {
  const prf = philoxPrf(key);
  const limit = Math.fround(given.gamma);
  return {
    load: prf.load,
    isGreen: (token) => vllmUniform(prf.word(token)) < limit,
    identity: prf.identity,
    share: redGreenShare(given.gamma),
    delta: given.delta,
    contextWidth: given.context_width,
    scope: "single_turn",
    maxHistory: 8192,
    stage: "after-truncation",
  };
}

const RED_GREEN = "vllm-red-green/draft";
const SYNTHID = "vllm-synthid-text/draft";
const widthField = integerField(1, 1024, { about: "generated ids before the position that seed", fallback: 4 });
const secrets = {
  key: integer64Field(0n, 2n ** 64n - 1n, { about: "the key, an unsigned 64-bit integer, in quotes" }),
};
const TOLD = [
  "The commit of the draft that served the text: nothing of it was released.",
  "The completion's ids, the tokenizer and its revision.",
];

/** vLLM's `red_green`, a draft that was not released. */
export const vllmRedGreen: EngineContract = defineContract({
  id: RED_GREEN,
  engine: "vLLM",
  algorithm: "red_green",
  state: "draft",
  source: "vllm-project/vllm, drafts in the history of PR 54053; read in 2026",
  parameters: {
    gamma: numberField(0, 1, { about: "green share, in (0, 1)", fallback: 0.25, open: true }),
    delta: numberField(0, 100, { about: "bias added to green logits, in nats", fallback: 2 }),
    context_width: widthField,
  },
  secrets,
  mustBeTold: TOLD,
  securityFacts: [],
  create: (given, { key }) => vllmGreenScheme(RED_GREEN, redGreenSetting(given, BigInt(key))),
  engineReading(given, { key }, { tokens }) {
    const greens = firstGreens(redGreenSetting(given, BigInt(key)), tokens, given.context_width);
    const green = greens.reduce((sum, value) => sum + value, 0);
    return {
      tokensScored: greens.length,
      statisticName: "green tokens over first contexts",
      statistic: green,
      pValue: Math.exp(logBinomialUpperTail(green, greens.length, given.gamma)),
      marked: null,
      faults: ["The binomial tail uses γ as configured, not the share of 24-bit values below it."],
    };
  },
});

function draftScheme(key: bigint, depth: number, variant: SynthidVariant, contextWidth: number): WatermarkScheme {
  const bits = draftBits(key, depth, variant);
  let words = new Int32Array(0);
  const score = (token: number): number => {
    let ones = 0;
    for (let part = 0; part < bits.parts; part++) ones += popcount(bits.word(token, part));
    return ones;
  };
  return defineScheme(
    {
      name: SYNTHID,
      context: { width: contextWidth, prompt: "excluded", missing: { pad: -1 } },
      repeats: { kind: "contexts", scope: "generated", history: 8192, counts: "positions" },
      nullLaw: { family: "bernoulli", p: 0.5, weights: new Array<number>(depth).fill(1) },
      unit: "context",
      stage: "after-truncation",
      selects: false,
      needsSampling: true,
      distortionFree: true,
      components: depth,
    },
    {
      seed: bits.load,
      score,
      parts(token, out, at) {
        for (let layer = 0; layer < depth; layer++)
          out[at + layer] = (bits.word(token, layer >>> 5) >>> (layer & 31)) & 1;
      },
      unit: (_token, units, at) => bits.identity(units, at),
      mark(logits, { candidates }, best) {
        if (words.length < logits.length) words = new Int32Array(logits.length);
        let top = best;
        for (let part = 0; part < bits.parts; part++) {
          for (let i = 0; i < logits.length; i++)
            words[i] = bits.word(candidates === undefined ? i : candidates[i]!, part);
          playTournament(words, logits, top, Math.min(32, depth - 32 * part), 2);
          top = 0;
          for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[top]!) top = i;
        }
      },
    },
  );
}

/** vLLM's `synthid_text`, in two drafts that were not released. */
export const vllmSynthidText: EngineContract = defineContract({
  id: SYNTHID,
  engine: "vLLM",
  algorithm: "synthid_text",
  state: "draft",
  source: "vllm-project/vllm, drafts in the history of PR 54053; read in 2026",
  parameters: {
    variant: choiceField<SynthidVariant>(["stream", "plain"], {
      about: "the later draft takes bits of streams of their own, the first one the plain words (depth up to 32)",
      fallback: "stream",
    }),
    depth: integerField(1, 1024, { about: "tournament layers", fallback: 32 }),
    context_width: widthField,
  },
  secrets,
  mustBeTold: TOLD,
  securityFacts: ["A third, older draft copied Hugging Face's hash: its text is read with hf-synthid/cpu-table."],
  create: (given, { key }) => draftScheme(BigInt(key), given.depth, given.variant, given.context_width),
  engineReading(given, { key }, { tokens }) {
    const { hits, scored } = draftHits(BigInt(key), given.depth, given.variant, given.context_width, tokens);
    const ones = hits.reduce((sum, value) => sum + value, 0);
    return {
      tokensScored: scored,
      statisticName: "share of ones over first contexts",
      statistic: scored === 0 ? null : ones / (scored * given.depth),
      pValue: Math.exp(logBinomialUpperTail(ones, scored * given.depth, 0.5)),
      marked: null,
      faults: [],
    };
  },
});

/** Ones of every scored token. */
export function draftHits(
  key: bigint,
  depth: number,
  variant: SynthidVariant,
  contextWidth: number,
  tokens: TokenSequence,
  deduplicate = true,
): { readonly hits: readonly number[]; readonly scored: number } {
  const bits = draftBits(key, depth, variant);
  const hits: number[] = [];
  firstGreens(
    {
      load: bits.load,
      isGreen(token) {
        let ones = 0;
        for (let part = 0; part < bits.parts; part++) ones += popcount(bits.word(token, part));
        hits.push(ones);
        return true;
      },
    },
    tokens,
    contextWidth,
    deduplicate,
  );
  return { hits, scored: hits.length };
}
