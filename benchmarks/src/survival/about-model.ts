import { sha256 } from "./sha256.ts";
import type { SuiteModel } from "./suite-model.ts";
import type { SurvivalRun } from "./survival-run.ts";

/** Everything of a setting that all of a model's values depend on. */
export function aboutModel(run: SurvivalRun, suite: SuiteModel, seed: string): Readonly<Record<string, unknown>> {
  const { config, promptSet, humanText, versions } = run;
  const { lengths, texts, sampling } = config;
  return {
    model: suite.facts,
    weights: suite.fingerprint,
    promptSet: { name: promptSet.name, sha256: promptSet.sha256 },
    humanText: sha256(humanText),
    sampling,
    longest: Math.max(...lengths),
    texts,
    seed,
    versions,
  };
}
