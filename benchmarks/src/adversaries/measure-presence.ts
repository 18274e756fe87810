import type { WatermarkScheme } from "@tokenmark/core";
import seedrandom from "seedrandom";
import type { SamplingSettings, TextModel } from "../models/text-model.ts";
import type { PresencePoint } from "../survival/results.ts";
import { median } from "../timing.ts";
import { checkCounts, isCount, refuseArgument } from "./check-count.ts";
import { type SeenText, writeAnswers } from "./seen-texts.ts";
import { type PromptAnswers, testPresence } from "./two-sample-test.ts";

/** Options of {@link measurePresence}. */
export interface PresenceOptions {
  /** The suspect, with the mark, and the reference, without it: an outsider can tell a mark only from what he knows to be unmarked. */
  readonly model: TextModel;
  /** The suspect's mark in one try, under a key of its own; null: the suspect has none, to see how often the test errs. */
  readonly makeScheme: (attempt: number) => WatermarkScheme | null;
  readonly schemeLabel: string;
  /** Tokens got from the suspect, one a point; as many again come from the reference. */
  readonly tokensSeen: readonly number[];
  /** Independent tries. */
  readonly tries: number;
  readonly settings: SamplingSettings;
  /** Asked again and again; the first 24 are used. */
  readonly prompts: readonly string[];
  readonly seed: string;
  /** Tokens an answer. @defaultValue 4 */
  readonly answerTokens?: number;
  /** Random assignments that the p-value is counted over. @defaultValue 1,999 */
  readonly permutations?: number;
}

/** Few prompts with many answers tell more than many with few: evidence grows with the square of a prompt's answers. */
const PROMPTS = 24;
/** p at which an outsider takes the suspect to be marked. */
const SUSPICIOUS = 0.01;

/**
 * Measures whether an outsider without the key can tell that a generator is marked (after the idea of Gloaguen et al. 2025): he sends a few
 * prompts over and over, takes short answers, and compares them with the unmarked model's (see `testPresence`).
 *
 * The prompts are asked in turn, so that the point of fewer tokens is the beginning of the point of more.
 *
 * @throws TokenmarkError `bad-argument`; whatever the model throws.
 */
export async function measurePresence(options: PresenceOptions): Promise<PresencePoint[]> {
  const { model, makeScheme, tries, settings, seed, answerTokens = 4, permutations = 1999 } = options;
  checkOptions(options);
  const prompts = options.prompts.slice(0, PROMPTS);
  const points = [...options.tokensSeen].sort((a, b) => a - b);
  const most = Math.floor(points.at(-1)! / answerTokens);
  const pValues: number[][] = points.map(() => []);
  for (let attempt = 0; attempt < tries; attempt++) {
    const ask = (side: string, scheme: WatermarkScheme | null): Promise<readonly SeenText[]> =>
      writeAnswers(model, scheme, most, {
        ...settings,
        tokens: answerTokens,
        prompts,
        seed: `${seed}/presence/${attempt}/${side}`,
      });
    const suspect = await ask("suspect", makeScheme(attempt));
    const reference = await ask("reference", null);
    points.forEach((tokensSeen, i) => {
      const asked = Math.floor(tokensSeen / answerTokens);
      const answers = groupByPrompt(suspect.slice(0, asked), reference.slice(0, asked), prompts.length);
      const random = seedrandom(`${seed}/presence/${attempt}/permutations/${tokensSeen}`);
      pValues[i]!.push(testPresence(answers, permutations, random).pValue);
    });
  }
  return points.map((tokensSeen, i) =>
    Object.freeze({
      adversary: "presence",
      model: model.name,
      scheme: options.schemeLabel,
      seed,
      tokensSeen,
      tries,
      suspected: pValues[i]!.filter((p) => p <= SUSPICIOUS).length,
      medianLog10PValue: median(pValues[i]!.map(Math.log10)),
    }),
  );
}

/** Answer i belongs to prompt i mod `prompts`. */
function groupByPrompt(
  suspect: readonly SeenText[],
  reference: readonly SeenText[],
  prompts: number,
): readonly PromptAnswers[] {
  const of = (texts: readonly SeenText[], prompt: number): (readonly number[])[] =>
    texts.filter((_, i) => i % prompts === prompt).map(({ tokens }) => tokens);
  return Array.from({ length: Math.min(prompts, suspect.length) }, (_, prompt) => ({
    promptTokens: suspect[prompt]!.promptTokens,
    suspect: of(suspect, prompt),
    reference: of(reference, prompt),
  }));
}

function checkOptions({ tokensSeen, tries, prompts, answerTokens = 4, permutations = 1999 }: PresenceOptions): void {
  checkCounts({ answerTokens, tries, permutations });
  if (tokensSeen.length === 0 || !tokensSeen.every((value) => isCount(value) && value >= answerTokens)) {
    refuseArgument("tokensSeen", `integers of at least one answer's ${answerTokens}`, `[${tokensSeen.join()}]`);
  }
  if (prompts.length === 0) refuseArgument("prompts", "at least one", "none");
}
