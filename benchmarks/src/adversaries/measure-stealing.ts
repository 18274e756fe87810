import type { WatermarkScheme } from "@tokenmark/core";
import { detectText } from "@tokenmark/detector";
import seedrandom from "seedrandom";
import { measureChange } from "../attacks/change.ts";
import type { SamplingSettings, TextModel, WrittenText } from "../models/text-model.ts";
import type { StealingPoint } from "../survival/results.ts";
import { median } from "../timing.ts";
import { checkCounts, isCount, refuseArgument } from "./check-count.ts";
import { type ExpectedCounts, expectedByLaw, expectedByText } from "./expected-counts.ts";
import { type Forger, forge, medianPerplexity, perplexityUnder } from "./forge.ts";
import { learnScores } from "./learnt-scores.ts";
import { firstTokens, type SeenText, type Writing, writeAnswers } from "./seen-texts.ts";
import { type ThiefKnowledge, thiefKnowledge } from "./thief-knowledge.ts";
import { washTexts } from "./wash.ts";

/** Options of {@link measureStealing}. */
export interface StealingOptions {
  /** Writes the marked text, and is at the thief's hands without the mark. */
  readonly model: TextModel;
  /** Measures quality; null: the model itself. */
  readonly judge: TextModel | null;
  /** The mark under the one key that is to be stolen. */
  readonly scheme: WatermarkScheme;
  readonly schemeLabel: string;
  /** What the thief knows of the scheme. @defaultValue its context width, and that the whole context decides */
  readonly knowledge?: ThiefKnowledge;
  /** Marked tokens that the thief sees, one a point. */
  readonly tokensSeen: readonly number[];
  /** Texts that he forges, and texts that he washes, a point; at least 1. */
  readonly textsPerPoint: number;
  /** Tokens a text. */
  readonly tokens: number;
  readonly settings: SamplingSettings;
  /** What the marked text that the thief sees was asked with; at least 1. */
  readonly seenPrompts: readonly string[];
  /** What forgeries, washed texts and unmarked ones are asked with: none that the thief has seen answered. At least 1. */
  readonly unseenPrompts: readonly string[];
  readonly seed: string;
  /** What unmarked text is known by: the model's next-token law, or as much unmarked text. @defaultValue the law, if the model can be read */
  readonly base?: "law" | "text";
}

/** log10 p at which the owner takes a text for his. */
const FOUND = -3;
/** Perplexity of a good forgery, at most, over the median of unmarked text. */
const GOOD_RATIO = 1.5;
/** Fewer make a median that says little. */
const UNMARKED_TEXTS = 20;

/**
 * Measures how well a mark can be learnt from marked text without the key (watermark stealing, after Jovanović, Staab and Vechev 2024): at
 * each number of tokens seen, a thief learns which tokens the mark prefers, forges texts that are to pass for the owner's, and washes the
 * owner's texts. The owner then tests the texts, not the tokens, with the true key and without the prompts.
 *
 * All marked text is under one key, so the counts of a curve are about that key: another may be luckier.
 *
 * @throws TokenmarkError `bad-argument`; whatever the models throw.
 */
export async function measureStealing(options: StealingOptions): Promise<StealingPoint[]> {
  checkOptions(options);
  const { model, scheme, textsPerPoint, tokens, settings, seed } = options;
  const knowledge = options.knowledge ?? thiefKnowledge(scheme);
  const judge = perplexityUnder(options.judge?.reader != null ? options.judge : model);
  const own = model.reader === null ? judge : perplexityUnder(model);
  const learning: Writing = { ...settings, tokens, prompts: options.seenPrompts, seed: `${seed}/corpus` };
  const writing: Writing = { ...settings, tokens, prompts: options.unseenPrompts, seed: `${seed}/written` };

  const points = [...options.tokensSeen].sort((a, b) => a - b);
  const most = points.at(-1)!;
  const corpus = firstTokens(await writeAnswers(model, scheme, Math.ceil(most / tokens), learning), most);
  const expected = await expectedCounts(options, corpus, knowledge, learning);

  const unmarked = await writeAnswers(model, null, Math.max(UNMARKED_TEXTS, textsPerPoint), {
    ...writing,
    seed: `${writing.seed}/unmarked`,
  });
  const victims = await writeAnswers(model, scheme, textsPerPoint, { ...writing, seed: `${writing.seed}/victims` });
  const [unmarkedOwn, unmarkedJudge] = [await medianPerplexity(unmarked, own), await medianPerplexity(unmarked, judge)];
  const log10PValues = (texts: readonly string[]): number[] =>
    texts.map((text) => (text === "" ? 0 : detectText(scheme, text, model.tokenizer).log10PValue));
  const count = (values: readonly number[]): number => values.filter((value) => value <= FOUND).length;

  const curve: StealingPoint[] = [];
  for (const tokensSeen of points) {
    const scores = learnScores(firstTokens(corpus, tokensSeen), knowledge, await expected(tokensSeen));
    const forger: Forger = { model, knowledge, scores, perplexity: own, unmarked: unmarkedOwn };
    const forged = await forge(forger, textsPerPoint, { ...writing, seed: `${writing.seed}/forged` });
    const forgedTexts = forged.map(({ text }) => text);
    const spoof = log10PValues(forgedTexts);
    const ratios: number[] = [];
    for (const text of forgedTexts) ratios.push((await judge(text)) / unmarkedJudge);
    const randoms = victims.map((_, i) => seedrandom(`${seed}/wash/${i}`));
    const washed = await washTexts(model, victims, scores, settings, randoms);
    curve.push(
      Object.freeze({
        adversary: "stealing",
        model: model.name,
        scheme: options.schemeLabel,
        seed,
        tokensSeen,
        texts: textsPerPoint,
        spoofed: spoof.filter((value, i) => value <= FOUND && ratios[i]! <= GOOD_RATIO).length,
        spoofedAnyQuality: count(spoof),
        medianSpoofLog10PValue: median(spoof),
        perplexityRatio: median(ratios),
        foundAfterScrub: count(log10PValues(washed)),
        foundBeforeScrub: count(log10PValues(victims.map(({ text }) => text))),
        scrubEditDistance: measureChange(
          victims.map(({ text }) => text),
          washed,
          model.tokenizer,
        ).editDistance,
      }),
    );
  }
  return curve;
}

/** Expected counts for a thief who saw so many tokens. */
async function expectedCounts(
  { model, base = model.reader === null ? "text" : "law", settings, tokens }: StealingOptions,
  corpus: readonly SeenText[],
  knowledge: ThiefKnowledge,
  learning: Writing,
): Promise<(tokensSeen: number) => ExpectedCounts | Promise<ExpectedCounts>> {
  switch (base) {
    case "law": {
      const law = await expectedByLaw(model, corpus, settings);
      return () => law;
    }
    case "text": {
      const most = corpus.reduce((sum, text) => sum + text.tokens.length, 0);
      const texts: readonly WrittenText[] = await writeAnswers(model, null, Math.ceil(most / tokens), {
        ...learning,
        seed: `${learning.seed}/base`,
      });
      return (tokensSeen) => expectedByText(firstTokens(texts, tokensSeen), knowledge);
    }
    default:
      return base satisfies never;
  }
}

function checkOptions({ model, judge, tokensSeen, textsPerPoint, tokens, base, ...options }: StealingOptions): void {
  if (tokensSeen.length === 0 || !tokensSeen.every(isCount)) {
    refuseArgument("tokensSeen", "integers of at least 1", `[${tokensSeen.join()}]`);
  }
  checkCounts({ textsPerPoint, tokens });
  for (const name of ["seenPrompts", "unseenPrompts"] as const) {
    if (options[name].length === 0) refuseArgument(name, "at least one", "none");
  }
  if (model.reader === null && judge?.reader == null) {
    refuseArgument("judge", "a model that can be read, since the writing model cannot", judge?.name ?? "none");
  }
  if (model.reader === null && base === "law") refuseArgument("base", '"text" for a model that cannot be read', "law");
}
