import type { WatermarkScheme } from "@tokenmark/core";
import type { SamplingSettings, TextModel, WriteRequest } from "../models/text-model.ts";
import type { PresencePoint } from "../survival/results.ts";
import { sharedNgramTest } from "./shared-ngrams.ts";

/** Options of {@link measurePresence}. */
export interface PresenceOptions {
  readonly model: TextModel;
  /** The suspect under a key of try i; null for a suspect that marks nothing. */
  readonly schemeOf: (attempt: number) => WatermarkScheme | null;
  readonly label: string;
  readonly tokensSeen: readonly number[];
  /** Independent tries, a key each. */
  readonly tries: number;
  readonly prompts: readonly string[];
  readonly sampling: SamplingSettings;
  readonly seed: string;
}

/** Short answers to few prompts: contexts come again, and so do prompts. */
const ANSWER_TOKENS = 50;
const SAMPLES_A_PROMPT = 2;
const SWAPS = 999;
/** Orders of n-grams: a small width shows in pairs of words, a large one in longer runs. */
const ORDERS = [2, 5] as const;
const LEVEL = 0.01;

/**
 * What an outsider can tell without a key: it asks the suspect and a model that is known to be unmarked the same prompts, each several times, and
 * tests whether the suspect's answers share more n-grams than chance explains. Two orders of n-grams, the smaller p counted twice. After the ideas of
 * Gloaguen et al. (2025, "Black-box detection of language model watermarks").
 */
export async function measurePresence(options: PresenceOptions): Promise<PresencePoint[]> {
  const { model, schemeOf, label, tokensSeen, tries, prompts, sampling, seed } = options;
  const most = Math.ceil(Math.max(...tokensSeen) / ANSWER_TOKENS);
  const settings = { ...sampling, maxTokens: ANSWER_TOKENS };
  const pValues = tokensSeen.map((): number[] => []);
  for (let attempt = 0; attempt < tries; attempt++) {
    const scheme = schemeOf(attempt);
    const ask = async (who: string, mark: WatermarkScheme | null): Promise<readonly (readonly number[])[]> => {
      const requests = Array.from(
        { length: most },
        (_, i): WriteRequest => ({
          prompt: prompts[Math.floor(i / SAMPLES_A_PROMPT) % prompts.length]!,
          scheme: mark,
          seed: `${seed}/presence/${label}/${attempt}/${who}/${i}`,
        }),
      );
      return (await model.write(requests, settings)).map(({ tokens }) => tokens);
    };
    const suspect = await ask("suspect", scheme);
    const reference = await ask("reference", null);
    tokensSeen.forEach((tokens, k) => {
      const count = Math.max(2, Math.round(tokens / ANSWER_TOKENS));
      const pairs = suspect.slice(0, count).map((answer, i) => [answer, reference[i]!] as const);
      const smallest = Math.min(
        ...ORDERS.map((n) => sharedNgramTest(pairs, n, SWAPS, `${seed}/swaps/${label}/${attempt}/${tokens}/${n}`)),
      );
      pValues[k]!.push(Math.min(1, ORDERS.length * smallest));
    });
  }
  return tokensSeen.map((tokens, k): PresencePoint => {
    const own = [...pValues[k]!].sort((a, b) => a - b);
    return {
      adversary: "presence",
      model: model.name,
      scheme: label,
      seed,
      tokensSeen: tokens,
      tries,
      suspected: own.filter((p) => p <= LEVEL).length,
      medianLog10PValue: Math.log10(own[own.length >> 1]!),
    };
  });
}
