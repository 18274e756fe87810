import { measurePresence } from "../adversaries/measure-presence.ts";
import { measureStealing } from "../adversaries/measure-stealing.ts";
import type { SeenText } from "../adversaries/preferences.ts";
import type { WriteRequest } from "../models/text-model.ts";
import type { AdversaryPoint, MissingAdversary } from "./results.ts";
import type { SurvivalRun } from "./run-survival.ts";
import type { SchemeMaker } from "./scheme-maker.ts";
import type { SuiteModel } from "./suite-model.ts";

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

/** Thieves and outsiders on the schemes that the config names; what fails is among the points. */
export async function runAdversaries(
  run: SurvivalRun,
  suite: SuiteModel,
  about: Readonly<Record<string, unknown>>,
): Promise<AdversaryPoint[]> {
  const { config, work, promptSet, step } = run;
  const { tokensSeen, schemes, texts, tries } = config.adversaries;
  const points: AdversaryPoint[] = [];
  const seed = config.seeds[0]!;
  if (tokensSeen.length === 0) return points;
  const { model } = suite;
  const missing = (
    adversary: "stealing" | "presence",
    scheme: string,
    reason: string,
    status: MissingAdversary["status"],
  ) =>
    tokensSeen.map(
      (tokens): MissingAdversary => ({
        adversary,
        model: model.name,
        scheme,
        seed,
        tokensSeen: tokens,
        status,
        reason,
      }),
    );
  const attempt = async (
    adversary: "stealing" | "presence",
    maker: SchemeMaker,
    measure: () => Promise<AdversaryPoint[]>,
  ) => {
    const dependsOn = { ...about, adversaries: config.adversaries, scheme: maker.config };
    try {
      if (adversary === "stealing" && model.reader === null) {
        points.push(
          ...missing(adversary, maker.label, "the thief needs a model that can be read along a text", "skipped"),
        );
      } else points.push(...(await work.keep([adversary, model.name, maker.label], dependsOn, measure)));
    } catch (error) {
      points.push(...missing(adversary, maker.label, error instanceof Error ? error.message : String(error), "failed"));
    }
    step(`${adversary} ${maker.label}`);
  };
  const { prompts } = promptSet;
  const common = { model, tokensSeen, prompts, sampling: config.sampling, seed };
  for (const maker of suite.makers(seed)) {
    if (!schemes.includes(maker.label)) continue;
    await attempt("stealing", maker, async () => {
      const unmarked = await writeCorpus(run, suite, null, seed);
      return measureStealing({
        ...common,
        judge: suite.judge,
        scheme: maker.create(`${seed}/victim`),
        label: maker.label,
        corpus: await writeCorpus(run, suite, maker, seed),
        unmarked: unmarked.map(({ tokens }) => model.tokenizer.decode(tokens)),
        texts,
        tokens: ANSWER_TOKENS,
      });
    });
    await attempt("presence", maker, () =>
      measurePresence({ ...common, schemeOf: (i) => maker.create(`${seed}/presence/${i}`), label: maker.label, tries }),
    );
  }
  return points;
}
