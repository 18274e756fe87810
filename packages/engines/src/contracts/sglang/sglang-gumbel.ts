import { defineContract, type EngineContract, type EngineReading, type EngineText } from "../../contract.ts";
import { integerField, nullableField, numberField, textField } from "../../field.ts";
import { sglangDetect } from "./sglang-detector.ts";
import { type SglangSettings, sglangScheme } from "./sglang-scheme.ts";
import { sglangTraps } from "./sglang-traps.ts";

const KEY = /^(?:0[xX])?[0-9a-fA-F]{1,16}$/;
const WANTED = "1 to 16 hexadecimal digits";

const parameters = {
  context_window: integerField(1, 64, {
    about: "ids before the position that seed the draw, 1 to 64; a request may ask for fewer than the server",
    fallback: 4,
  }),
  mixing_probability: numberField(0, 1, { about: "share of contexts that key A decides, 0 to 1", fallback: 0.5 }),
  max_probability: numberField(0, 1, {
    about: "positions whose likeliest token is likelier stay unmarked, 0 to 1",
    fallback: 1,
  }),
  max_contexts: integerField(1, 1_000_000, {
    about: "most contexts that are marked and scored, the smaller of 4,096 and the server's pool",
    fallback: 4096,
  }),
};
const secrets = {
  key: textField(KEY, WANTED, { about: `key A, ${WANTED}` }),
  key_b: nullableField(textField(KEY, WANTED, { about: `key B, ${WANTED}` }), {
    about: `key B, ${WANTED}, or null for one key`,
    fallback: null,
  }),
};

type Parameters = Readonly<Record<keyof typeof parameters, number>>;
type Secrets = { readonly key: string; readonly key_b: string | null };

function settingsOf(given: Parameters, { key, key_b }: Secrets): SglangSettings {
  return {
    key,
    keyB: key_b,
    contextWindow: given.context_window,
    mixingProbability: given.mixing_probability,
    maxProbability: given.max_probability,
    maxContexts: given.max_contexts,
  };
}

function read(given: Parameters, keys: Secrets, { tokens, prompt }: EngineText): EngineReading {
  const { combined } = sglangDetect(settingsOf(given, keys), tokens, prompt);
  return {
    tokensScored: combined.contexts,
    statisticName: "sum of −ln(1 − u)",
    statistic: combined.score,
    pValue: Math.exp(combined.logP),
    marked: null,
    faults: [
      "Repeats are found by the context's ids, not by the 32-bit hash that the draw sees: two contexts with one hash count as independent evidence.",
    ],
  };
}

/** SGLang's Aaronson-Gumbel watermark with one key or with two and a keyed coin (sgl-project/sglang, PR 37577). */
export const sglangGumbel: EngineContract = defineContract({
  id: "sglang-gumbel/murmur3-32",
  engine: "sglang",
  algorithm: "gumbel",
  state: "open-pull-request",
  source: "sgl-project/sglang PR 37577, commits 00a8963 (docs), 519697e (detector), 33b6a94 (tests); read in 2026",
  parameters,
  secrets,
  mustBeTold: [
    "Whether a second key was in use, and whether requests brought keys of their own (they replace key A only).",
    "The context window that was in effect: a request may choose a smaller one than the server.",
    "The ids of the prompt, chat template included; without them the first window of ids cannot be scored.",
    "max_probability and the pool's capacity: both leave positions unmarked that a detector cannot tell.",
    "The tokenizer and its revision, and the head of the pull request that served the text.",
  ],
  securityFacts: [
    "The 64-bit key is absorbed into a 32-bit state before anything else: about 2^32 keys act alike, the effective key has 32 bits, and it can be found from a marked text by trying all of them.",
    "Two different keys may both match one text, so a match names a class of keys and not one key.",
    "The coin of a context is keyed and repeatable: whoever holds both keys can tell which of them decided.",
  ],
  create: (given, keys) => sglangScheme(settingsOf(given, keys)),
  engineReading: read,
  traps: (given, keys, text) => sglangTraps(settingsOf(given, keys), text),
});
