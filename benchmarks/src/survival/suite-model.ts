import type { TextModel } from "../models/text-model.ts";
import type { ModelFacts, SchemeFacts } from "./results.ts";
import { type SchemeMaker, schemeMaker } from "./scheme-maker.ts";
import { sha256 } from "./sha256.ts";
import type { SurvivalConfig } from "./survival-config.ts";
import { withVocabulary } from "./with-vocabulary.ts";

/** A model with what the suite knows of it. */
export interface SuiteModel {
  readonly model: TextModel;
  readonly judge: TextModel | null;
  readonly facts: ModelFacts;
  /** Changes when the weights do: a digest of scores behind a fixed text. */
  readonly fingerprint: string;
  /** The same of the judge; null without one. */
  readonly judgeFingerprint: string | null;
  /** The suite's schemes under the keys of one seed. */
  readonly makers: (seed: string) => readonly SchemeMaker[];
}

const PROBE = "The people of the city came together, and";

/** Best tokens whose order tells one server's model from another's, whatever its rounding. */
const BEST = 5;

/** Digest of the scores that a local model gives; a server's rounding may differ from call to call, so of its best tokens' names. */
async function weightsOf(model: TextModel): Promise<string> {
  const { logits, candidates } = await model.source.next(Array.from(model.tokenizer.encode(PROBE)));
  if (model.reader !== null) return sha256(Array.from(logits).join());
  const best = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  return `${model.name} ${best.slice(0, BEST).map((i) => candidates?.[i] ?? i)}`;
}

/** Digest of a model's tokenizer and weights. */
export async function fingerprintOf(model: TextModel): Promise<string> {
  return sha256(JSON.stringify([model.identity.sha256, await weightsOf(model)]));
}

/** Joins a model, its judge and the config's schemes. */
export async function suiteModel(
  model: TextModel,
  judge: TextModel | null,
  config: Pick<SurvivalConfig, "schemes">,
  spec = "",
): Promise<SuiteModel> {
  const { vocabularySize, sha256: tokenizerSha256 } = model.identity;
  const own = await fingerprintOf(model);
  return {
    model,
    judge,
    facts: { name: model.name, tokenizerSha256, vocabularySize, judge: judge?.name ?? null },
    // Of a server, the spec names the model that is asked for.
    fingerprint: model.reader === null ? sha256(`${own} ${spec}`) : own,
    judgeFingerprint: judge === null ? null : await fingerprintOf(judge),
    makers: (seed) =>
      config.schemes.map(({ label, config: scheme }) =>
        schemeMaker(label, withVocabulary(scheme, vocabularySize), seed),
      ),
  };
}

/** A maker as the results name it. */
export const schemeFacts = ({ label, config, distortionFree, engine }: SchemeMaker): SchemeFacts => ({
  label,
  config,
  distortionFree,
  engine,
});
