import { proveDistribution } from "../quality/distribution-proof.ts";
import { measureQuality } from "../quality/measure-quality.ts";
import { aboutModel } from "./about-model.ts";
import { reasonOf } from "./reason-of.ts";
import type { DistributionRow, Failure, QualityRow } from "./results.ts";
import type { TextsOfSeed } from "./run-cells.ts";
import { sha256 } from "./sha256.ts";
import type { SuiteModel } from "./suite-model.ts";
import type { SurvivalRun } from "./survival-run.ts";

/** Quality of every scheme's texts; what fails is added to `failures`. */
export async function measureQualities(
  run: SurvivalRun,
  suite: SuiteModel,
  seed: string,
  texts: TextsOfSeed,
  failures: Failure[],
): Promise<readonly QualityRow[]> {
  const model = suite.model.name;
  const rows: QualityRow[] = [];
  for (const [scheme, written] of texts) {
    try {
      if (written instanceof Error) throw written;
      const about = {
        ...aboutModel(run, suite, seed),
        judge: suite.judgeFingerprint,
        texts: sha256(JSON.stringify(written)),
      };
      rows.push(
        await run.work.keep(["quality", model, `${scheme} ${seed}`], about, () =>
          measureQuality(suite.model, suite.judge, written, { model, scheme, seed }),
        ),
      );
    } catch (error) {
      failures.push({ part: "quality", model, scheme, seed, reason: reasonOf(error) });
    }
    run.step(`quality ${scheme}`);
  }
  return rows;
}

/** The distribution proof of every scheme that claims to be free of distortion, and of those that the config adds. */
export async function proveDistributions(
  run: SurvivalRun,
  suite: SuiteModel,
  failures: Failure[],
): Promise<readonly DistributionRow[]> {
  const { config, humanText } = run;
  const seed = config.seeds[0]!;
  const { contexts, keys, biased } = config.distribution;
  const model = suite.model.name;
  const rows: DistributionRow[] = [];
  for (const maker of suite.makers(seed)) {
    const scheme = maker.label;
    if (contexts > 0 && (maker.distortionFree || biased.includes(scheme))) {
      const about = { ...aboutModel(run, suite, seed), contexts, keys, scheme: maker.config };
      const options = { contexts, keys, sampling: config.sampling, seed, humanText };
      try {
        rows.push(
          await run.work.keep(["distribution", model, scheme], about, () =>
            proveDistribution(suite.model, maker, options),
          ),
        );
      } catch (error) {
        failures.push({ part: "distribution", model, scheme, seed, reason: reasonOf(error) });
      }
    }
    run.step(`distribution ${scheme}`);
  }
  return rows;
}
