import { measurePresence } from "../adversaries/measure-presence.ts";
import { measureStealing } from "../adversaries/measure-stealing.ts";
import { thiefKnowledge } from "../adversaries/thief-knowledge.ts";
import { extendPrompts } from "./extend-prompts.ts";
import { reasonOf } from "./reason-of.ts";
import type { AdversaryPoint, MissingAdversary } from "./results.ts";
import type { SchemeMaker } from "./scheme-maker.ts";
import type { SuiteModel } from "./suite-model.ts";
import type { SurvivalRun } from "./survival-run.ts";

/** Tokens of an answer that a thief collects, and of what it forges. */
const ANSWER_TOKENS = 120;

/** One adversary on one scheme. */
interface Attempt {
  readonly adversary: MissingAdversary["adversary"];
  readonly label: string;
  /** What the value depends on besides model and settings. */
  readonly dependsOn: object;
  /** Tokens that it sees, a point each. */
  readonly tokens: readonly number[];
  readonly measure: () => Promise<AdversaryPoint[]>;
}

/** Prompts whose answers a thief collects, each once, and others for what it writes. */
async function thiefsPrompts(
  { config, promptSet }: SurvivalRun,
  { model }: SuiteModel,
  seed: string,
): Promise<{ readonly seenPrompts: readonly string[]; readonly unseenPrompts: readonly string[] }> {
  const { tokensSeen, texts } = config.adversaries;
  const distinct = [...new Set(promptSet.prompts)];
  // At most half for writing, so that there is something to learn from.
  const kept = Math.min(texts, distinct.length >> 1);
  const cut = distinct.length - kept;
  const answers = Math.ceil(Math.max(...tokensSeen) / ANSWER_TOKENS);
  return {
    seenPrompts: await extendPrompts(model, distinct.slice(0, cut), answers, `${seed}/thief`),
    unseenPrompts: distinct.slice(cut),
  };
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
  const { model, judge } = suite;
  const common = { model, settings: config.sampling };

  const steal = (maker: SchemeMaker): Attempt => ({
    adversary: "stealing",
    label: maker.label,
    dependsOn: { texts, scheme: maker.config, judge: suite.judgeFingerprint },
    tokens: tokensSeen,
    measure: async () => {
      const scheme = maker.create(`${seed}/victim`);
      return measureStealing({
        ...common,
        ...(await thiefsPrompts(run, suite, seed)),
        judge,
        scheme,
        schemeLabel: maker.label,
        knowledge: thiefKnowledge(scheme, maker.config),
        tokensSeen,
        textsPerPoint: texts,
        tokens: ANSWER_TOKENS,
        seed,
      });
    },
  });
  const suspect = (maker: SchemeMaker | null): Attempt => ({
    adversary: "presence",
    label: maker?.label ?? "unmarked",
    dependsOn: { tries, scheme: maker?.config ?? null },
    tokens: tokensAsked,
    measure: () =>
      measurePresence({
        ...common,
        makeScheme: (i) => maker?.create(`${seed}/presence/${i}`) ?? null,
        schemeLabel: maker?.label ?? "unmarked",
        tokensSeen: tokensAsked,
        tries,
        prompts: promptSet.prompts,
        seed,
      }),
  });

  async function attempt({
    adversary,
    label,
    dependsOn,
    tokens,
    measure,
  }: Attempt): Promise<readonly AdversaryPoint[]> {
    const missing = (status: MissingAdversary["status"], reason: string): MissingAdversary[] =>
      tokens.map((seen) => ({ adversary, model: model.name, scheme: label, seed, tokensSeen: seen, status, reason }));
    if (tokens.length === 0) return [];
    if (adversary === "stealing" && new Set(promptSet.prompts).size < 2) {
      return missing("skipped", "forgeries need a prompt that the thief saw no answer to: give two prompts at least");
    }
    if (adversary === "stealing" && model.reader === null && judge === null) {
      return missing("skipped", "forgeries need a model that can be read along a text, or a judge");
    }
    try {
      return await work.keep([adversary, model.name, label], { ...about, ...dependsOn, tokens }, measure);
    } catch (error) {
      return missing("failed", reasonOf(error));
    }
  }

  const attacked = suite.makers(seed).filter(({ label }) => schemes.includes(label));
  // An outsider who suspects unmarked text shows how often it errs.
  const attempts = [...attacked.flatMap((maker) => [steal(maker), suspect(maker)]), suspect(null)];
  const points: AdversaryPoint[] = [];
  for (const one of attacked.length === 0 ? [] : attempts) {
    points.push(...(await attempt(one)));
    step(`${one.adversary} ${one.label}`);
  }
  return points;
}
