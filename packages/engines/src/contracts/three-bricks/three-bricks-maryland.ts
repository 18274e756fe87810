import { defineContract, type EngineContract } from "../../contract.ts";
import { choiceField, numberField } from "../../field.ts";
import { checkAllInVocabulary } from "../unigram/check-vocabulary.ts";
import { type MarylandSetting, marylandScheme } from "./maryland-scheme.ts";
import { windowLists } from "./three-bricks-draws.ts";
import {
  FACTS_OF_ALL,
  sharedParameters,
  sharedSecrets,
  THREE_BRICKS_SOURCE,
  TOLD_BY_ALL,
} from "./three-bricks-fields.ts";
import { threeBricksReading, threeBricksResult } from "./three-bricks-reading.ts";
import { settingOf } from "./three-bricks-setting.ts";
import { threeBricksTraps } from "./three-bricks-traps.ts";

const ID = "three-bricks-maryland/hash";

/** Three Bricks' green lists (their name for KGW's method), seeded by the window hash. */
export const threeBricksMarylandHash: EngineContract = defineContract({
  id: ID,
  engine: "Three Bricks",
  algorithm: "Maryland (green lists)",
  state: "research",
  source: THREE_BRICKS_SOURCE,
  parameters: {
    ...sharedParameters,
    gamma: numberField(0, 1, { about: "green share of the vocabulary, in (0, 1)", fallback: 0.5, open: true }),
    delta: numberField(0, 100, { about: "bias added to green logits, in nats, before the temperature", fallback: 1 }),
    method: choiceField(["maryland", "marylandz"], { about: "the engine's own test", fallback: "maryland" }),
  },
  secrets: sharedSecrets,
  mustBeTold: TOLD_BY_ALL,
  securityFacts: FACTS_OF_ALL,
  create: (parameters, secrets) =>
    marylandScheme(ID, { ...settingOf(parameters, secrets), gamma: parameters.gamma, delta: parameters.delta }),
  engineReading(parameters, secrets, { tokens }) {
    const { method, scoring_method, ngram, gamma, vocab_size } = parameters;
    checkAllInVocabulary(tokens, vocab_size);
    const lists = windowLists(settingOf(parameters, secrets), gamma);
    const test = { method, scoring: scoring_method, ngram, gamma };
    const result = threeBricksResult(test, tokens, (at) => {
      lists.seed(tokens, at - ngram, ngram);
      return lists.isGreen(tokens[at]!) ? 1 : 0;
    });
    return threeBricksReading(test, result);
  },
  traps(parameters, secrets, text) {
    const { gamma, delta } = parameters;
    const setting: MarylandSetting = { ...settingOf(parameters, secrets), gamma, delta };
    const listed = (vocabSize: number, share: number): boolean => Math.trunc(vocabSize * share) >= 1;
    const shared = threeBricksTraps(
      setting,
      text,
      (change) => marylandScheme(ID, { ...setting, ...change }),
      (vocabSize) => listed(vocabSize, gamma),
    );
    const shares = [0.25, 0.5]
      .filter((share) => share !== gamma && listed(setting.vocabSize, share))
      .map((share) => ({
        code: "gamma-mismatch",
        advice: `The lists hold a share ${share} of the vocabulary, not ${gamma}: set gamma.`,
        actual: { gamma: share },
        scheme: marylandScheme(ID, { ...setting, gamma: share }),
      }));
    return shared.length > 0 && shared.every(({ code }) => code === "vocab-width") ? shared : [...shared, ...shares];
  },
});
