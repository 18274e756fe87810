import type { Trap } from "@tokenmark/core";
import { logNormalUpperTail } from "@tokenmark/stats";
import { defineContract, type EngineContract } from "../../contract.ts";
import { choiceField, integer64Field, integerField, nullableField, numberField } from "../../field.ts";
import { greenZ } from "../unigram/green-z.ts";
import { firstGreens } from "./green-detector.ts";
import { type GreenSetting, vllmGreenScheme } from "./green-scheme.ts";
import { SBW_SEEDINGS, type SbwRule, type SbwSeeding, sbwHashOf, sbwThreshold } from "./sbw-hash.ts";
import { DEDUP_SCOPES, type DedupScope } from "./vllm-scheme.ts";

const ID = "vllm-sbw/philox";

/** What an SBW mark depends on. */
export interface SbwParameters {
  readonly seeding_scheme: SbwSeeding;
  readonly lefthash_rule: SbwRule;
  readonly gamma: number;
  readonly delta: number;
  readonly context_width: number;
  readonly deduplicate_contexts: DedupScope;
  readonly deduplicate_contexts_max_history: number | null;
}

/** The setting behind SBW's parameters. */
export function sbwSetting(given: SbwParameters, key: bigint): GreenSetting {
  const hash = sbwHashOf(key, given.seeding_scheme, given.lefthash_rule);
  const threshold = sbwThreshold(given.gamma);
  return {
    load: hash.load,
    isGreen: (token) => hash.word31(token) < threshold,
    identity: hash.identity,
    share: threshold / 2 ** 31,
    delta: given.delta,
    contextWidth: given.context_width,
    scope: given.deduplicate_contexts,
    maxHistory: given.deduplicate_contexts_max_history,
    stage: "before-truncation",
  };
}

function otherRule(given: SbwParameters, key: bigint): Trap {
  const rule = given.lefthash_rule === "detector" ? "generator" : "detector";
  return {
    code: "engine-generator-detector-disagree",
    advice: `The text follows the ${rule}'s rule: in the heads read, SBW's lefthash detector cannot see its own generator's text. Set lefthash_rule to ${rule}.`,
    actual: { lefthash_rule: rule },
    scheme: vllmGreenScheme(ID, sbwSetting({ ...given, lefthash_rule: rule }, key)),
  };
}

function traps(given: SbwParameters, key: bigint): readonly Trap[] {
  const widths = [given.context_width - 1, given.context_width + 1, 4, 1].filter(
    (width, i, all) => width >= 1 && width !== given.context_width && all.indexOf(width) === i,
  );
  const other: SbwSeeding = given.seeding_scheme === "selfhash" ? "lefthash" : "selfhash";
  return [
    ...(given.seeding_scheme === "lefthash" ? [otherRule(given, key)] : []),
    ...widths.map(
      (width): Trap => ({
        code: "context-width-mismatch",
        advice: `The context has ${width} tokens, not ${given.context_width}: set context_width.`,
        actual: { context_width: width },
        scheme: vllmGreenScheme(ID, sbwSetting({ ...given, context_width: width }, key)),
      }),
    ),
    {
      code: "seeding-mismatch",
      advice: `The seeding is ${other}: set seeding_scheme, and the width that goes with it.`,
      actual: { seeding_scheme: other },
      scheme: vllmGreenScheme(
        ID,
        sbwSetting({ ...given, seeding_scheme: other, context_width: other === "selfhash" ? 4 : 1 }, key),
      ),
    },
  ];
}

/** vLLM's SBW, a green list asked token by token (open pull request). */
export const vllmSbw: EngineContract = defineContract({
  id: ID,
  engine: "vLLM",
  algorithm: "sbw",
  state: "open-pull-request",
  source: "vllm-project/vllm PR 56859 (open); read in 2026",
  parameters: {
    seeding_scheme: choiceField<SbwSeeding>(SBW_SEEDINGS, { about: "selfhash or lefthash", fallback: "selfhash" }),
    lefthash_rule: choiceField<SbwRule>(["generator", "detector"], {
      about: "lefthash only: whose seed, the generator's sum of ids or the detector's sum of hashes",
      fallback: "detector",
    }),
    gamma: numberField(0, 1, { about: "green share, in (0, 1)", fallback: 0.5, open: true }),
    delta: numberField(0, 100, { about: "bias added to green logits, in nats", fallback: 2 }),
    context_width: integerField(1, 1024, {
      about: "generated ids that seed: 4 for selfhash, 1 for lefthash",
      fallback: 4,
    }),
    deduplicate_contexts: choiceField<DedupScope>(DEDUP_SCOPES, {
      about: "whose contexts leave a repeat unmarked",
      fallback: "single_turn",
    }),
    deduplicate_contexts_max_history: nullableField(integerField(1, 2 ** 31 - 1, { about: "positions" }), {
      about: "latest positions whose contexts count as seen, or null for all",
      fallback: 8192,
    }),
    p_value_threshold: numberField(0, 1, { about: "p at or below which vLLM says watermarked", fallback: 0.01 }),
  },
  secrets: {
    key: integer64Field(-(2n ** 63n), 2n ** 63n - 1n, {
      about: "the key, a signed 64-bit integer: the engine accepts larger ones and then fails",
    }),
  },
  mustBeTold: [
    "Seeding, width, γ, scope and history of deduplicate_contexts, and the head of the pull request.",
    "The completion's ids without the prompt, the tokenizer and its revision.",
  ],
  securityFacts: [
    "Key 0 makes every seed 0: one fixed public list. The engine accepts it.",
    "selfhash ignores the oldest id of a context and the order of the others, so contexts that differ in these alone are one random number.",
  ],
  create: (given, { key }) => vllmGreenScheme(ID, sbwSetting(given, BigInt(key))),
  engineReading(given, { key }, { tokens }) {
    const setting = sbwSetting({ ...given, lefthash_rule: "detector" }, BigInt(key));
    const greens = firstGreens(setting, tokens, given.context_width);
    const z = greenZ(
      greens.reduce((sum, green) => sum + green, 0),
      greens.length,
      given.gamma,
    );
    const p = z === null ? 1 : Math.exp(logNormalUpperTail(z));
    return {
      tokensScored: greens.length,
      statisticName: "z over first contexts",
      statistic: z,
      pValue: p,
      marked: z !== null && p <= given.p_value_threshold,
      faults: [
        "The p is a normal tail; far out it is many decades too small.",
        ...(given.seeding_scheme === "lefthash"
          ? ["The detector hashes the ids that the generator adds up: it cannot see its own text."]
          : [
              "Contexts are told apart by all ids in order, the seed sees fewer: copies of one random number count as independent.",
            ]),
      ],
    };
  },
  traps: (given, { key }) => traps(given, BigInt(key)),
});
