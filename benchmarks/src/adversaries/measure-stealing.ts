import { generate, type LogitSource, type TokenId, type WatermarkScheme } from "@tokenmark/core";
import { detectTokens } from "@tokenmark/detector";
import seedrandom from "seedrandom";
import { measureChange } from "../attacks/change.ts";
import type { SamplingSettings, TextModel } from "../models/text-model.ts";
import { readSurprise } from "../quality/read-perplexity.ts";
import type { StealingPoint } from "../survival/results.ts";
import { median } from "../timing.ts";
import { learnPreferences, type Preferences, type SeenText } from "./preferences.ts";

/** Options of {@link measureStealing}. */
export interface StealingOptions {
  /** The victim's model without its mark, which the thief has too. */
  readonly model: TextModel;
  /** Reads forgeries; null: the model itself. */
  readonly judge: TextModel | null;
  readonly scheme: WatermarkScheme;
  readonly label: string;
  /** Answers under the victim's one key, at least as many tokens as the largest of `tokensSeen`. */
  readonly corpus: readonly SeenText[];
  /** Unmarked answers: what perplexity is compared with. */
  readonly unmarked: readonly string[];
  readonly tokensSeen: readonly number[];
  readonly prompts: readonly string[];
  /** Forgeries, and texts to wash, a point. */
  readonly texts: number;
  readonly tokens: number;
  readonly sampling: SamplingSettings;
  readonly seed: string;
}

/** A forgery passes for the victim's at this p-value … */
const FOOLED = -3;
/** … and for text at so many times the perplexity of unmarked text. */
const MOST_PERPLEXITY = 1.5;
/** How hard a thief pushes; it takes the hardest that its own model still reads as text. */
const STRENGTHS = [0.5, 1, 2, 4] as const;
const TUNING_TEXTS = 3;
/** A token whose learnt preference is above this is washed out. */
const WASHED_ABOVE = 0.4;

/** The model with what was learnt added to its scores. */
const pushed = (model: TextModel, learnt: Preferences, strength: number): LogitSource => ({
  name: `${model.name}, pushed`,
  async next(tokens) {
    const answer = await model.source.next(tokens);
    if (answer.candidates === undefined) {
      const logits = answer.logits.slice();
      learnt.add(logits, tokens, strength);
      return { logits };
    }
    const { candidates } = answer;
    const logits = Float32Array.from(
      answer.logits,
      (value, i) => value + strength * learnt.score(tokens, candidates[i]!),
    );
    return { logits, candidates };
  },
});

async function writeWith(
  source: LogitSource,
  prompt: readonly TokenId[],
  options: StealingOptions,
  seed: string,
): Promise<TokenId[]> {
  const written: TokenId[] = [];
  const random = seedrandom(seed);
  for await (const { token } of generate(source, prompt, { ...options.sampling, maxTokens: options.tokens, random })) {
    written.push(token);
  }
  return written;
}

async function perplexity(reader: TextModel, text: string): Promise<number> {
  const surprise = await readSurprise(reader, "", text);
  return surprise === null ? Number.NaN : Math.exp(surprise.natsPerToken);
}

/** Replaces what carries the mark, token by token from the left, by draws from the model with the learnt preference taken away. */
async function wash(text: SeenText, learnt: Preferences, options: StealingOptions, seed: string): Promise<TokenId[]> {
  const source = pushed(options.model, learnt, -1);
  const random = seedrandom(seed);
  const all = [...text.promptTokens];
  for (const token of text.tokens) {
    if (learnt.score(all, token) <= WASHED_ABOVE) all.push(token);
    else
      for await (const drawn of generate(source, all, { ...options.sampling, maxTokens: 1, random })) {
        all.push(drawn.token);
      }
  }
  return all.slice(text.promptTokens.length);
}

function prefix(corpus: readonly SeenText[], tokens: number): SeenText[] {
  const taken: SeenText[] = [];
  let count = 0;
  for (const text of corpus) {
    if (count >= tokens) break;
    const rest = text.tokens.slice(0, tokens - count);
    taken.push({ ...text, tokens: rest });
    count += rest.length;
  }
  return taken;
}

/**
 * What a thief of a mark achieves after it saw so many marked tokens: text that the owner's detector takes for the owner's (spoofing), and marked
 * text that the detector no longer finds (scrubbing).
 */
export async function measureStealing(options: StealingOptions): Promise<StealingPoint[]> {
  const { model, judge, scheme, label, corpus, tokensSeen, prompts, texts, seed, sampling, unmarked } = options;
  const { tokenizer } = model;
  const reader = judge ?? model;
  const perplexities = async (from: TextModel, list: readonly string[]): Promise<number[]> => {
    const all: number[] = [];
    for (const text of list) all.push(await perplexity(from, text));
    return all;
  };
  const usual = median(await perplexities(reader, unmarked));
  const usualToThief = reader === model ? usual : median(await perplexities(model, unmarked));
  const p = (ids: ArrayLike<number>): number => detectTokens(scheme, ids).log10PValue;
  const victims = corpus.slice(-texts);
  const asText = (ids: readonly TokenId[]): string => tokenizer.decode(ids);
  const promptIds = (i: number): TokenId[] => Array.from(tokenizer.encode(prompts[i % prompts.length]!));

  const points: StealingPoint[] = [];
  for (const seen of tokensSeen) {
    const learnt = await learnPreferences(
      prefix(corpus, seen),
      model.reader!,
      scheme.context.width,
      sampling.temperature,
    );
    const forge = async (strength: number, count: number, kind: string): Promise<string[]> => {
      const source = pushed(model, learnt, strength);
      const forged: string[] = [];
      for (let i = 0; i < count; i++) {
        forged.push(asText(await writeWith(source, promptIds(i), options, `${seed}/${kind}/${seen}/${strength}/${i}`)));
      }
      return forged;
    };
    // The thief has no key: it tunes by what it can see, how its forgeries read.
    let strength: number = STRENGTHS[0];
    for (const tried of STRENGTHS) {
      const reads = median(await perplexities(model, await forge(tried, TUNING_TEXTS, "tuning")));
      if (reads <= MOST_PERPLEXITY * usualToThief) strength = tried;
    }
    const forged = await forge(strength, texts, "forgery");
    const forgedP = forged.map((text) => p(tokenizer.encode(text)));
    const forgedPerplexity = await perplexities(reader, forged);
    const before = victims.map((text) => p(tokenizer.encode(asText(text.tokens))));
    const washed: string[] = [];
    for (const [i, text] of victims.entries()) {
      washed.push(asText(await wash(text, learnt, options, `${seed}/wash/${seen}/${i}`)));
    }
    const after = washed.map((text) => p(tokenizer.encode(text)));
    const { editDistance } = measureChange(
      victims.map(({ tokens }) => asText(tokens)),
      washed,
      tokenizer,
    );
    const found = (values: readonly number[]): number => values.filter((value) => value <= FOOLED).length;
    points.push({
      adversary: "stealing",
      model: model.name,
      scheme: label,
      seed,
      tokensSeen: learnt.tokensSeen,
      texts: forged.length,
      spoofed: forgedP.filter((value, i) => value <= FOOLED && forgedPerplexity[i]! <= MOST_PERPLEXITY * usual).length,
      spoofedAnyQuality: found(forgedP),
      medianSpoofLog10PValue: median(forgedP),
      perplexityRatio: median(forgedPerplexity) / usual,
      foundAfterScrub: found(after),
      foundBeforeScrub: found(before),
      scrubEditDistance: editDistance,
    });
  }
  return points;
}
