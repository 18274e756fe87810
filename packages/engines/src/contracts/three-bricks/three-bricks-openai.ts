import type { WatermarkScheme } from "@tokenmark/core";
import { defineContract, type EngineContract } from "../../contract.ts";
import { choiceField } from "../../field.ts";
import { exponentialScheme } from "../markllm/exponential-scheme.ts";
import { selectByPower } from "../markllm/power-draw.ts";
import { checkAllInVocabulary } from "../unigram/check-vocabulary.ts";
import { type ThreeBricksSetting, windowUniforms } from "./three-bricks-draws.ts";
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

const ID = "three-bricks-openai/hash";

function openaiScheme(setting: ThreeBricksSetting): WatermarkScheme {
  const source = windowUniforms(setting);
  return exponentialScheme(ID, setting.ngram, source, {
    stage: "after-truncation",
    mark: (logits, { candidates }) =>
      selectByPower({ vocabSize: setting.vocabSize, uniform: source.uniform }, logits, candidates),
  });
}

/** Three Bricks' keyed draw (their name for Aaronson's method), uniforms seeded by the window hash. */
export const threeBricksOpenaiHash: EngineContract = defineContract({
  id: ID,
  engine: "Three Bricks",
  algorithm: "OpenAI (keyed draw)",
  state: "research",
  source: THREE_BRICKS_SOURCE,
  parameters: {
    ...sharedParameters,
    method: choiceField(["openai", "openaiz"], { about: "the engine's own test", fallback: "openai" }),
  },
  secrets: sharedSecrets,
  mustBeTold: TOLD_BY_ALL,
  securityFacts: FACTS_OF_ALL,
  create: (parameters, secrets) => openaiScheme(settingOf(parameters, secrets)),
  engineReading(parameters, secrets, { tokens }) {
    const { method, scoring_method, ngram, vocab_size } = parameters;
    checkAllInVocabulary(tokens, vocab_size);
    const source = windowUniforms(settingOf(parameters, secrets));
    // γ is no part of this method.
    const test = { method, scoring: scoring_method, ngram, gamma: 0.5 };
    const result = threeBricksResult(test, tokens, (at) => {
      source.seed(tokens, at - ngram, ngram);
      return 0 - Math.log(1 - source.uniform(tokens[at]!));
    });
    return threeBricksReading(test, result);
  },
  traps(parameters, secrets, text) {
    const setting = settingOf(parameters, secrets);
    return threeBricksTraps(setting, text, (change) => openaiScheme({ ...setting, ...change }));
  },
});
