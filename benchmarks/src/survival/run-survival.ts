import { TokenmarkError } from "@tokenmark/core";
import { type ModelSpec, modelName, openModel } from "../models/open-model.ts";
import type { TextModel } from "../models/text-model.ts";
import { aboutModel } from "./about-model.ts";
import { checkSurvivalConfig } from "./check-config.ts";
import { readHumanText } from "./human-text.ts";
import { readPromptSet } from "./prompt-set.ts";
import { reasonOf } from "./reason-of.ts";
import type {
  AdversaryPoint,
  Cell,
  DistributionRow,
  Failure,
  ModelFacts,
  QualityRow,
  SchemeFacts,
  SurvivalResults,
} from "./results.ts";
import { runAdversaries } from "./run-adversaries.ts";
import { attackPoints, missingCells, runCells, type TextsOfSeed, toolsOf } from "./run-cells.ts";
import { measureQualities, proveDistributions } from "./run-quality.ts";
import { type SuiteModel, schemeFacts, suiteModel } from "./suite-model.ts";
import type { SurvivalConfig } from "./survival-config.ts";
import type { SurvivalOptions, SurvivalRun } from "./survival-run.ts";
import { machineName, readVersions } from "./versions.ts";
import { openWorkFolder } from "./work-folder.ts";
import { type WrittenTexts, writeTexts } from "./written-texts.ts";

async function textsOfSeed(run: SurvivalRun, suite: SuiteModel, seed: string): Promise<TextsOfSeed> {
  const { config, work, promptSet } = run;
  const texts = new Map<string, WrittenTexts | Error>();
  for (const maker of [null, ...suite.makers(seed)]) {
    const label = maker?.label ?? "unmarked";
    const about = { ...aboutModel(run, suite, seed), diversity: config.diversity, scheme: maker?.config ?? null };
    try {
      const written = await work.keep(["texts", suite.model.name, `${label} ${seed}`], about, () =>
        writeTexts(suite.model, maker, promptSet.prompts, seed, config),
      );
      texts.set(label, written);
    } catch (error) {
      texts.set(label, error instanceof Error ? error : new Error(String(error)));
    }
    run.step(`texts ${label}`);
  }
  return texts;
}

function stepsOf(config: SurvivalConfig): number {
  const { models, schemes, seeds, lengths, adversaries } = config;
  const cells = seeds.length * attackPoints(config).length * lengths.length * schemes.length;
  const texts = 2 * seeds.length * (schemes.length + 1);
  const proofs = schemes.length;
  const thieves = adversaries.schemes.length === 0 ? 0 : 2 * adversaries.schemes.length + 1;
  return models.length * (cells + texts + proofs + thieves);
}

/** Opens a second model; one that cannot be read along a text measures nothing. */
async function openJudge(spec: ModelSpec): Promise<TextModel> {
  const judge = await openModel(spec);
  if (judge.reader !== null) return judge;
  await judge.dispose();
  throw new TokenmarkError("bad-config", `judge: wanted a model that can be read along a text, got ${judge.name}`);
}

/** Opens a model that has room for the suite's prompts and texts. */
async function openFor({ config, promptSet }: SurvivalRun, spec: ModelSpec): Promise<TextModel> {
  const model = await openModel(spec);
  const { contextLength, tokenizer, name } = model;
  const prompt = promptSet.prompts.reduce((most, text) => Math.max(most, tokenizer.encode(text).length), 0);
  const longest = Math.max(...config.lengths);
  if (contextLength === null || prompt + longest <= contextLength) return model;
  await model.dispose();
  throw new TokenmarkError(
    "too-long",
    `lengths: wanted at most ${contextLength - prompt} tokens behind prompts of up to ${prompt} for ${name}, got ${longest}`,
  );
}

/**
 * Runs a suite: texts, attacks, controls, quality, distribution proof and adversaries, every value stored as it is computed.
 *
 * @throws TokenmarkError for a config that cannot run and for an only model that cannot be opened or is too small. What else fails is in the results.
 */
export async function runSurvival(config: SurvivalConfig, options: SurvivalOptions): Promise<SurvivalResults> {
  const { workFolder, attacks, paraphraser = null, onProgress, onNote } = options;
  checkSurvivalConfig(config, attacks);
  const total = stepsOf(config);
  let done = 0;
  const run: SurvivalRun = {
    config,
    options,
    work: openWorkFolder(workFolder, (file) => onNote?.(`${file} is damaged or half-written and is made again`)),
    promptSet: readPromptSet(config.prompts),
    humanText: readHumanText(),
    versions: readVersions(),
    step: (what) => onProgress?.({ what, done: ++done, total }),
  };
  const tools = await toolsOf(config, attacks, { paraphraser });
  const cells: Cell[] = [];
  const quality: QualityRow[] = [];
  const distribution: DistributionRow[] = [];
  const adversaries: AdversaryPoint[] = [];
  const failures: Failure[] = [];
  const models: ModelFacts[] = [];
  let schemes: readonly SchemeFacts[] = [];
  const judge: TextModel | null = config.judge === null ? null : await openJudge(config.judge);
  try {
    for (const spec of config.models) {
      const model = await openFor(run, spec).catch((error: unknown) => {
        // One of several: its cells say why they are missing. The only one: there is nothing to report on.
        if (config.models.length === 1) throw error;
        cells.push(...missingCells(config, modelName(spec), reasonOf(error)));
        return null;
      });
      if (model === null) continue;
      try {
        // Texts and figures go by the name: two models of one would be pooled.
        if (models.some(({ name }) => name === model.name)) {
          throw new TokenmarkError("bad-config", `models: wanted each once, got ${model.name} twice`);
        }
        const suite = await suiteModel(model, judge, config, JSON.stringify(spec));
        models.push(suite.facts);
        schemes = suite.makers(config.seeds[0]!).map(schemeFacts);
        for (const seed of config.seeds) {
          const texts = await textsOfSeed(run, suite, seed);
          const measured = await runCells({
            config,
            suite,
            seed,
            makers: suite.makers(seed),
            texts,
            attacks,
            tools,
            resources: { writer: model, humanText: run.humanText, paraphraser },
            work: run.work,
            about: aboutModel(run, suite, seed),
            onCell: ({ scheme, attack, strength, length }) =>
              run.step(`${attack} ${strength}, ${length} tokens, ${scheme}`),
          });
          cells.push(...measured);
          quality.push(...(await measureQualities(run, suite, seed, texts, failures)));
        }
        distribution.push(...(await proveDistributions(run, suite, failures)));
        adversaries.push(...(await runAdversaries(run, suite, aboutModel(run, suite, config.seeds[0]!))));
      } finally {
        await model.dispose();
      }
    }
  } finally {
    await judge?.dispose();
  }
  const { sampling, texts, lengths, seeds } = config;
  const { name, sha256: digest, prompts } = run.promptSet;
  return {
    benchmark: "survival",
    format: 1,
    suite: config.name,
    date: new Date().toISOString().slice(0, 10),
    versions: run.versions,
    machine: machineName(),
    settings: {
      ...sampling,
      texts,
      lengths,
      seeds,
      promptSet: { name, sha256: digest, count: prompts.length },
    },
    models,
    schemes: [{ label: "unmarked", config: null, distortionFree: true, engine: null }, ...schemes],
    attacks: attacks
      .filter((attack) => tools.has(attack.name))
      .map(({ name, summary, strengthMeans }) => ({ name, summary, strengthMeans, tool: tools.get(name) ?? null })),
    cells,
    quality,
    distribution,
    adversaries,
    failures,
  };
}
