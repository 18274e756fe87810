import type { Trap } from "@tokenmark/core";
import { defineContract, type EngineContract, type EngineText } from "../../contract.ts";
import { booleanField, integer64Field, integerField, listField, nullableField } from "../../field.ts";
import type { CudaDevice } from "../../generators/torch/cuda-randint.ts";
import type { GValues } from "./g-values.ts";
import { mainGValues } from "./main-g-values.ts";
import { synthidReading } from "./synthid-reading.ts";
import { maskLaw, type SynthidSetting, synthidEngineScheme } from "./synthid-scheme.ts";
import { plainTableGValues, tableGValues, tableMasks } from "./table-g-values.ts";

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
/** The keys of DeepMind's example configuration, which many copy. */
export const PUBLIC_KEYS: readonly string[] = Object.freeze(
  "654 400 836 123 340 443 597 160 57 29 590 639 13 715 468 990 966 226 324 585 118 504 421 521 129 669 732 225 90 960".split(
    " ",
  ),
);

const shared = {
  ngram_len: integerField(2, 1025, { about: "tokens of an n-gram, the candidate among them", fallback: 5 }),
  context_history_size: integerField(1, 1_000_000, {
    about: "latest contexts that count as seen; a seen context stays unmarked",
    fallback: 1024,
  }),
  skip_first_ngram_calls: booleanField({ about: "the first n − 1 tokens stay unmarked", fallback: false }),
  eos_token_id: nullableField(integerField(0, 0x7fffffff, { about: "end token" }), {
    about: "end token from which on the engine's detector stops counting, or null",
    fallback: null,
  }),
};
const table = {
  sampling_table_size: integerField(2, 2 ** 24, { about: "entries of the sampling table", fallback: 65_536 }),
  sampling_table_seed: integer64Field(LEAST, 2n ** 64n - 1n, { about: "seed of the sampling table", fallback: "0" }),
};
const leaves = {
  num_leaves: integerField(2, 64, { about: "draws that meet in a match; more than two distort", fallback: 2 }),
};
const keyList = { about: "the keys, one a layer, signed 64-bit integers, 1 to 32 of them" };
const key = integer64Field(LEAST, MOST, { about: "a layer's key" });
const secrets = { keys: listField(key, 1, 32, keyList) };
const secretsWithDefault = { keys: listField(key, 1, 32, { ...keyList, fallback: PUBLIC_KEYS }) };

const TOLD = [
  "The keys in their order, the n-gram length and the size of the context history.",
  "The tokenizer and its revision. The prompt is not needed: contexts begin with zeros at the first generated token.",
  "Whether the text begins where generation began: otherwise the first n − 1 tokens have contexts that nobody can see.",
];
const TABLE_TOLD =
  "The device that drew the sampling table: this contract has the CPU's table; a GPU draws another, which depends on its model.";
const TABLE_FACTS = [
  "Only the low 16 bits of tokens, keys and hashes reach the g-values: tokens congruent modulo 65,536 are alike, keys congruent modulo 65,536 give identical layers.",
  "All g-values of an n-gram are a function of 16 bits, so a text has at most 65,536 independent n-grams; repeats of these bits count once here.",
  "The example keys 654, 400, 836 … are public: unless the deployer made other ones, anybody can read, forge and remove the mark.",
];

interface Shared {
  readonly ngram_len: number;
  readonly context_history_size: number;
  readonly skip_first_ngram_calls: boolean;
  readonly eos_token_id: number | null;
}
interface Table extends Shared {
  readonly sampling_table_size: number;
  readonly sampling_table_seed: string;
}

const bigints = (keys: readonly string[]): readonly bigint[] => keys.map(BigInt);

function base(given: Shared): Pick<SynthidSetting, "ngramLen" | "history" | "skipFirst"> {
  return {
    ngramLen: given.ngram_len,
    history: given.context_history_size,
    skipFirst: given.skip_first_ngram_calls,
  };
}

const fairBits = (depth: number): SynthidSetting["law"] => ({
  family: "bernoulli",
  p: 0.5,
  weights: new Array<number>(depth).fill(1),
});

function tableSetting(
  given: Table,
  keys: readonly string[],
  leaves: number,
  device: CudaDevice | null = null,
): SynthidSetting {
  const setting = {
    keys: bigints(keys),
    tableSize: given.sampling_table_size,
    tableSeed: BigInt(given.sampling_table_seed),
    device,
  };
  if (setting.tableSize !== 65_536) {
    return { ...base(given), gValues: () => tableGValues(setting), law: tableLaw(setting), leaves };
  }
  const masks = tableMasks(setting);
  return { ...base(given), gValues: () => tableGValues(setting, masks), law: maskLaw(masks, keys.length), leaves };
}

/** Entries are met alike where the hash is much longer than the table: each layer is a draw from it. */
function tableLaw(setting: Parameters<typeof plainTableGValues>[0]): SynthidSetting["law"] {
  const { keys, tableSize } = setting;
  const g = plainTableGValues({ ...setting, keys: [0n] });
  // One key and 2^16 n-grams show the share of ones to .002, which is the table's own to as much.
  let ones = 0;
  g.load([], 0, 0);
  const samples = Math.min(tableSize * 8, 65_536);
  for (let token = 0; token < samples; token++) ones += g.word(token);
  return { family: "bernoulli", p: ones / samples, weights: new Array<number>(keys.length).fill(1) };
}

function mainSetting(given: Shared, keys: readonly string[], leaves: number): SynthidSetting {
  return { ...base(given), gValues: () => mainGValues(bigints(keys)), law: fairBits(keys.length), leaves };
}

function reading(setting: SynthidSetting, given: Shared, { tokens }: EngineText): ReturnType<typeof synthidReading> {
  const g: GValues = setting.gValues();
  return synthidReading(g, tokens, {
    ngramLen: given.ngram_len,
    history: given.context_history_size,
    eos: given.eos_token_id,
  });
}

/** Mistakes that all SynthID marks share, and the other code bases' g-values. */
function traps(
  name: string,
  setting: SynthidSetting,
  others: readonly (readonly [what: string, setting: SynthidSetting])[],
): readonly Trap[] {
  const widths = [setting.ngramLen - 1, setting.ngramLen + 1, 5].filter(
    (n, i, all) => n >= 2 && n !== setting.ngramLen && all.indexOf(n) === i,
  );
  return [
    ...widths.map(
      (ngramLen): Trap => ({
        code: "context-width-mismatch",
        advice: `The n-grams have ${ngramLen} tokens, not ${setting.ngramLen}: set ngram_len.`,
        actual: { ngram_len: ngramLen },
        scheme: synthidEngineScheme(name, { ...setting, ngramLen }),
      }),
    ),
    ...others.map(
      ([what, other]): Trap => ({
        code: "stale-prf",
        advice: `The text has the g-values of ${what}: use its contract.`,
        actual: { contract: what },
        scheme: synthidEngineScheme(name, other),
      }),
    ),
  ];
}

/** GPUs whose tables differ: of those with room for a thread an entry all draw the same one. */
const DEVICES: readonly (readonly [blocks: string, device: CudaDevice])[] = [
  ["256 or more, such as A100, H100, L4, RTX 4090", { multiprocessors: 108, maxThreadsPerMultiprocessor: 2048 }],
  ["160, such as T4", { multiprocessors: 40, maxThreadsPerMultiprocessor: 1024 }],
];

/** The sampling table of a GPU (derived from PyTorch's kernels, see `cudaRandintBits`); a small table is the same on all of them. */
function deviceTraps(name: string, given: Table, keys: readonly string[], leaves: number): readonly Trap[] {
  const devices = given.sampling_table_size <= 160 * 256 ? DEVICES.slice(0, 1) : DEVICES;
  return devices.map(([blocks, device]) => ({
    code: "device-generator",
    advice: `The sampling table was drawn on a GPU with resident blocks of 256 threads: ${blocks}. Ask which GPU it was; no CPU detector reads this text.`,
    actual: { sampling_table_device: `CUDA, resident blocks: ${blocks}` },
    scheme: synthidEngineScheme(name, tableSetting(given, keys, leaves, device)),
  }));
}

const HF = "hf-synthid/cpu-table";
const DM = "deepmind-synthid/0.2.1";
const MAIN = "deepmind-synthid/main";
const DEFAULT_TABLE = { sampling_table_size: 65_536, sampling_table_seed: "0" };

/** SynthID of Hugging Face transformers, with the sampling table of a CPU. */
export const hfSynthid: EngineContract = defineContract({
  id: HF,
  engine: "Hugging Face transformers",
  algorithm: "SynthID-Text",
  state: "released",
  source: "huggingface/transformers @ 2da00a3cec88 (2026-03-30), generation/logits_process.py; torch 1.13.1",
  parameters: { ...shared, ...table },
  secrets,
  lawDependsOnKey: true,
  mustBeTold: [...TOLD, TABLE_TOLD],
  securityFacts: TABLE_FACTS,
  create: (given, { keys }) => synthidEngineScheme(HF, tableSetting(given, keys, 2)),
  engineReading: (given, { keys }, text) => reading(tableSetting(given, keys, 2), given, text),
  traps: (given, { keys }) => [
    ...traps(HF, tableSetting(given, keys, 2), [
      [MAIN, mainSetting(given, keys, 2)],
      ...(given.sampling_table_seed === "0" && given.sampling_table_size === 65_536
        ? []
        : ([["the default sampling table", tableSetting({ ...given, ...DEFAULT_TABLE }, keys, 2)]] as const)),
    ]),
    ...deviceTraps(HF, given, keys, 2),
  ],
});

/** DeepMind's synthid-text 0.2.1: the same g-values, any number of leaves. */
export const deepmindSynthid: EngineContract = defineContract({
  id: DM,
  engine: "DeepMind synthid-text",
  algorithm: "SynthID-Text",
  state: "released",
  source: "google-deepmind/synthid-text @ 8f2e2316904e (0.2.1, 2024-11-14), logits_processing.py; torch 1.13.1",
  parameters: { ...shared, ...table, ...leaves },
  secrets: secretsWithDefault,
  lawDependsOnKey: true,
  mustBeTold: [...TOLD, TABLE_TOLD, "The number of leaves."],
  securityFacts: TABLE_FACTS,
  create: (given, { keys }) => synthidEngineScheme(DM, tableSetting(given, keys, given.num_leaves)),
  engineReading: (given, { keys }, text) => reading(tableSetting(given, keys, given.num_leaves), given, text),
  traps: (given, { keys }) => [
    ...traps(DM, tableSetting(given, keys, given.num_leaves), [[MAIN, mainSetting(given, keys, given.num_leaves)]]),
    ...deviceTraps(DM, given, keys, given.num_leaves),
  ],
});

/** DeepMind's main branch: another hash, which still calls itself 0.2.1. */
export const deepmindSynthidMain: EngineContract = defineContract({
  id: MAIN,
  engine: "DeepMind synthid-text",
  algorithm: "SynthID-Text",
  state: "research",
  source: "google-deepmind/synthid-text @ addb4a158143 (main, 2025-06-13), logits_processing.py",
  parameters: { ...shared, ...leaves },
  secrets: secretsWithDefault,
  lawDependsOnKey: true,
  mustBeTold: [
    ...TOLD,
    "The number of leaves.",
    "That the main branch wrote the text: it is not readable with 0.2.1, whose version it still names.",
  ],
  securityFacts: [
    "The example keys 654, 400, 836 … are public: unless the deployer made other ones, anybody can read, forge and remove the mark.",
    "DeepMind says that Gemini's production hash is another one; this contract says nothing about Gemini.",
  ],
  create: (given, { keys }) => synthidEngineScheme(MAIN, mainSetting(given, keys, given.num_leaves)),
  engineReading: (given, { keys }, text) => reading(mainSetting(given, keys, given.num_leaves), given, text),
  traps: (given, { keys }) =>
    traps(MAIN, mainSetting(given, keys, given.num_leaves), [
      [DM, tableSetting({ ...given, ...DEFAULT_TABLE }, keys, given.num_leaves)],
    ]),
});

/** SynthID's contracts. */
export const synthidContracts: readonly EngineContract[] = Object.freeze([
  hfSynthid,
  deepmindSynthid,
  deepmindSynthidMain,
]);
