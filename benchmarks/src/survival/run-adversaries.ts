import { measurePresence } from "../adversaries/measure-presence.ts";
import { measureStealing } from "../adversaries/measure-stealing.ts";
import type { SeenText } from "../adversaries/preferences.ts";
import type { WriteRequest } from "../models/text-model.ts";
import { reasonOf } from "./reason-of.ts";
import type { AdversaryPoint, MissingAdversary } from "./results.ts";
import type { SchemeMaker } from "./scheme-maker.ts";
import type { SuiteModel } from "./suite-model.ts";
import type { SurvivalRun } from "./survival-run.ts";

/** Tokens of an answer that a thief collects, and of what it forges. */
const ANSWER_TOKENS = 120;
const UNMARKED_TEXTS = 20;

/** Answers under the victim's one key. */
async function writeCorpus(
  run: SurvivalRun,
  suite: SuiteModel,
  maker: SchemeMaker | null,
  seed: string,
): Promise<SeenText[]> {
  const { config, promptSet } = run;
  const { tokensSeen, texts } = config.adversaries;
  const answers = maker === null ? UNMARKED_TEXTS : Math.ceil(Math.max(...tokensSeen) / ANSWER_TOKENS) + texts;
  const scheme = maker?.create(`${seed}/victim`) ?? null;
  const requests = Array.from(
    { length: answers },
    (_, i): WriteRequest => ({
      prompt: promptSet.prompts[i % promptSet.prompts.length]!,
      scheme,
      seed: `${seed}/corpus/${maker?.label ?? "unmarked"}/${i}`,
    }),
  );
  const written = await suite.model.write(requests, { ...config.sampling, maxTokens: ANSWER_TOKENS });
  return written.map(({ promptTokens, tokens }) => ({ promptTokens: [...promptTokens], tokens: [...tokens] }));
}

/** One adversary on one scheme. */
interface Attempt {
  readonly adversary: MissingAdversary["adversary"];
  readonly maker: SchemeMaker;
  /** Tokens that it sees, a point each. */
  readonly tokens: readonly number[];
  readonly measure: () => Promise<AdversaryPoint[]>;
}

/** Thieves and outsiders on the schemes that the config names; what cannot be measured is among the points with its reason. */
export async function runAdversaries(
  run: SurvivalRun,
  suite: SuiteModel,
  about: Readonly<Record<string, unknown>>,
): Promise<AdversaryPoint[]> {
  const { config, work, promptSet, step } = run;
  const { tokensSeen, tokensAsked, schemes, texts, tries } = config.adversaries;
  const seed = config.seeds[0]!;
  const { model } = suite;

  async function attempt({ adversary, maker, tokens, measure }: Attempt): Promise<readonly AdversaryPoint[]> {
    const missing = (status: MissingAdversary["status"], reason: string): MissingAdversary[] =>
      tokens.map((seen) => ({
        adversary,
        model: model.name,
        scheme: maker.label,
        seed,
        tokensSeen: seen,
        status,
        reason,
      }));
    if (tokens.length === 0) return [];
    if (adversary === "stealing" && model.reader === null) {
      return missing("skipped", "the thief needs a model that can be read along a text");
    }
    const dependsOn = { ...about, tokens, texts, tries, scheme: maker.config };
    try {
      return await work.keep([adversary, model.name, maker.label], dependsOn, measure);
    } catch (error) {
      return missing("failed", reasonOf(error));
    }
  }

  const common = { model, prompts: promptSet.prompts, sampling: config.sampling, seed };
  const steal = (maker: SchemeMaker): Attempt => ({
    adversary: "stealing",
    maker,
    tokens: tokensSeen,
    measure: async () => {
      const unmarked = await writeCorpus(run, suite, null, seed);
      return measureStealing({
        ...common,
        tokensSeen,
        judge: suite.judge,
        scheme: maker.create(`${seed}/victim`),
        label: maker.label,
        corpus: await writeCorpus(run, suite, maker, seed),
        unmarked: unmarked.map(({ tokens }) => model.tokenizer.decode(tokens)),
        texts,
        tokens: ANSWER_TOKENS,
      });
    },
  });
  const suspect = (maker: SchemeMaker): Attempt => ({
    adversary: "presence",
    maker,
    tokens: tokensAsked,
    measure: () =>
      measurePresence({
        ...common,
        tokensSeen: tokensAsked,
        schemeOf: (i) => maker.create(`${seed}/presence/${i}`),
        label: maker.label,
        tries,
      }),
  });
  const points: AdversaryPoint[] = [];
  for (const maker of suite.makers(seed).filter(({ label }) => schemes.includes(label))) {
    for (const one of [steal(maker), suspect(maker)]) {
      points.push(...(await attempt(one)));
      step(`${one.adversary} ${maker.label}`);
    }
  }
  return points;
}
