import { defineContract, type EngineContract, type EngineReading, type EngineText } from "../../contract.ts";
import { choiceField, integer64Field, integerField, nullableField, numberField } from "../../field.ts";
import { type VllmDetectorSetting, vllmDetect } from "./vllm-detector.ts";
import { deriveKeys, philoxPrf } from "./vllm-prf.ts";
import { DEDUP_SCOPES, type DedupScope, type VllmSetting, vllmGumbelScheme } from "./vllm-scheme.ts";
import { dualTraps, singleTraps } from "./vllm-traps.ts";

const GUMBEL = "vllm-gumbel/philox4x32-10-v1";
const DUAL = "vllm-dual-key-gumbel/philox4x32-10-v1";
const MOST_KEY = 2n ** 64n - 1n;

const shared = {
  context_width: integerField(1, 1024, { about: "generated ids before the position that seed the draw", fallback: 4 }),
  deduplicate_contexts: choiceField<DedupScope>(DEDUP_SCOPES, {
    about: "whose contexts leave a repeat unmarked: none, single_turn (generated ids) or all (the prompt's too)",
    fallback: "single_turn",
  }),
  deduplicate_contexts_max_history: nullableField(integerField(1, 2 ** 31 - 1, { about: "positions" }), {
    about: "latest positions whose contexts count as seen, or null for all",
    fallback: 8192,
  }),
  p_value_threshold: numberField(0, 1, { about: "p at or below which vLLM says watermarked", fallback: 0.01 }),
};
const alphaField = numberField(0, 1, {
  about: "share of positions that key B decides; other engines' share is key A's",
  fallback: 0.1,
});
const secrets = {
  key: integer64Field(0n, MOST_KEY, { about: "the key, an unsigned 64-bit integer, in quotes" }),
};

interface Shared {
  readonly context_width: number;
  readonly deduplicate_contexts: DedupScope;
  readonly deduplicate_contexts_max_history: number | null;
  readonly p_value_threshold: number;
}

/** The setting behind single-key parameters. */
export function singleSetting(given: Shared, key: bigint): VllmSetting {
  return { ...rest(given), prf: philoxPrf(key), second: null };
}

/** The setting behind dual-key parameters: neither of the two keys is the master key. */
export function dualSetting(given: Shared & { readonly alpha: number }, master: bigint): VllmSetting {
  const [a, b] = deriveKeys(master);
  return { ...rest(given), prf: philoxPrf(a), second: { prf: philoxPrf(b), alpha: given.alpha } };
}

function rest(given: Shared): Pick<VllmSetting, "contextWidth" | "scope" | "maxHistory"> {
  return {
    contextWidth: given.context_width,
    scope: given.deduplicate_contexts,
    maxHistory: given.deduplicate_contexts_max_history,
  };
}

const FAULTS: readonly string[] = [
  "Under the scope all the first context_width tokens, and all contexts that the prompt has, are unmarked; the detector scores them, which dilutes.",
];
const DUAL_FAULTS: readonly string[] = [
  "The p of two keys is matched by two moments and too small far out: 2.5 decades at an exact 1e-48, 7.6 at 1e-166; it is exact for α of 0, ½ and 1 only.",
];

function reading(
  setting: VllmSetting,
  given: Shared,
  { tokens }: EngineText,
  faults: readonly string[],
): EngineReading {
  const detector: VllmDetectorSetting = { ...setting, deduplicate: true };
  const { scored, score, p } = vllmDetect(detector, tokens);
  return {
    tokensScored: scored,
    statisticName: setting.second === null ? "sum of −ln(1 − u)" : "(1 − α)·sum A + α·sum B of −ln(1 − u)",
    statistic: score,
    pValue: p,
    marked: scored > 0 && p <= given.p_value_threshold,
    faults,
  };
}

const TOLD = [
  "The key, width, scope and history of deduplicate_contexts, and vLLM's version with its PRF.",
  "The completion's ids without the prompt, and whether thinking tokens are among them.",
  "Whether speculative decoding ran: target-only watermarking leaves accepted drafts unmarked.",
  "Whether callers could opt out (watermarking: false).",
  "The tokenizer and its revision.",
];
const FACTS = [
  "The whole 64-bit key reaches the hash. A key that went through a JSON number or JavaScript has lost its last digits.",
  "One prompt has one marked answer under one key: temperature no longer makes answers differ.",
];

/** vLLM's `gumbel`: one key, Philox. */
export const vllmGumbel: EngineContract = defineContract({
  id: GUMBEL,
  engine: "vLLM",
  algorithm: "gumbel",
  state: "released",
  source: "vllm-project/vllm PR 54053 (merged), documented for v0.32; read in 2026",
  parameters: shared,
  secrets,
  mustBeTold: TOLD,
  securityFacts: FACTS,
  create: (given, { key }) => vllmGumbelScheme(GUMBEL, singleSetting(given, BigInt(key))),
  engineReading: (given, { key }, text) => reading(singleSetting(given, BigInt(key)), given, text, FAULTS),
  traps: (given, { key }, text) => singleTraps(GUMBEL, singleSetting(given, BigInt(key)), BigInt(key), text),
});

/** vLLM's `dual_key_gumbel`: a private draw picks one of two derived keys. */
export const vllmDualKeyGumbel: EngineContract = defineContract({
  id: DUAL,
  engine: "vLLM",
  algorithm: "dual_key_gumbel",
  state: "released",
  source: "vllm-project/vllm PR 56122 (merged), documented for v0.32; read in 2026",
  parameters: { ...shared, alpha: alphaField },
  secrets,
  mustBeTold: [
    ...TOLD,
    "α as the share of key B, and whether speculation ran: then drafts use A and recovered tokens B, and the true share is the rejection share.",
  ],
  securityFacts: [...FACTS.slice(0, 1), "The master key is never used directly; both keys come from it by SHA-256."],
  create: (given, { key }) => vllmGumbelScheme(DUAL, dualSetting(given, BigInt(key))),
  engineReading: (given, { key }, text) =>
    reading(dualSetting(given, BigInt(key)), given, text, [...FAULTS, ...DUAL_FAULTS]),
  traps: (given, { key }, text) => dualTraps(DUAL, dualSetting(given, BigInt(key)), BigInt(key), text),
});
