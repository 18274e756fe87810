import type { TokenSequence } from "@tokenmark/core";
import type { EngineReading } from "../../contract.ts";
import type { GValues } from "./g-values.ts";
import { eosMask, repetitionMask, type SynthidScores, synthidScores } from "./synthid-detectors.ts";

/** What the detectors of the engines are given. */
export interface SynthidReadingSetting {
  readonly ngramLen: number;
  readonly history: number;
  readonly eos: number | null;
}

/** The n-grams of a text with the masks that the engines apply. */
export interface SynthidNgrams {
  /** g-values of every n-gram, bit l layer l; empty for a text shorter than the n-gram. */
  readonly words: Float64Array;
  /** 1 where the n-gram counts: its context is new, and no end token came before. */
  readonly mask: Uint8Array;
}

/** 1 where a context of n − 1 tokens is new within the history. */
export function contextMask(
  g: Pick<GValues, "load" | "contextHash">,
  tokens: TokenSequence,
  ngramLen: number,
  history: number,
): Uint8Array {
  const hash = new Uint32Array(2);
  const hashes = Array.from({ length: Math.max(0, tokens.length - ngramLen + 1) }, (_, i) => {
    g.load(tokens, i, ngramLen - 1);
    g.contextHash(hash);
    return hash.join();
  });
  return repetitionMask(hashes, history);
}

/** g-values and combined mask of a text. */
export function synthidNgrams(
  g: Pick<GValues, "load" | "word" | "contextHash">,
  tokens: TokenSequence,
  setting: SynthidReadingSetting,
): SynthidNgrams {
  const { ngramLen, history, eos } = setting;
  const repeats = contextMask(g, tokens, ngramLen, history);
  const open = eos === null ? null : eosMask(tokens, eos).subarray(ngramLen - 1);
  const words = Float64Array.from(repeats, (_, i) => {
    g.load(tokens, i, ngramLen - 1);
    return g.word(tokens[i + ngramLen - 1]!);
  });
  return { words, mask: repeats.map((isNew, i) => isNew & (open?.[i] ?? 1)) };
}

/** The scores over what the mask leaves. */
export function maskedScores({ words, mask }: SynthidNgrams, depth: number): SynthidScores & { readonly n: number } {
  const kept = words.filter((_, i) => mask[i] === 1);
  return { ...synthidScores(kept, depth), n: kept.length };
}

const FAULTS: readonly string[] = [
  "The mean has no false-alarm rate: which mean is remarkable depends on the length of the text.",
  "The engines' own verdict comes from a Bayesian detector that somebody has to train for a model, a tokenizer and these keys; without its weights there is none.",
  "Padding to one length moves the masks of shorter texts in training, and for depth 1, or one position in a batch, shapes are squeezed away and the result is wrong.",
];

/** The engines' weighted mean, with their masks. */
export function synthidReading(g: GValues, tokens: TokenSequence, setting: SynthidReadingSetting): EngineReading {
  const { n, weightedMean } = maskedScores(synthidNgrams(g, tokens, setting), g.depth);
  return {
    tokensScored: n,
    statisticName: "weighted mean of g over new contexts",
    statistic: n === 0 ? null : weightedMean,
    pValue: null,
    marked: null,
    faults: FAULTS,
  };
}
