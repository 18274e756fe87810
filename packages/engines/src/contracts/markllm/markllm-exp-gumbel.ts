import { Key, type Trap } from "@tokenmark/core";
import { defineContract, type EngineContract } from "../../contract.ts";
import { integer64Field, integerField, numberField } from "../../field.ts";
import { deviceGenerator } from "../device-generator.ts";
import { checkAllInVocabulary } from "../unigram/check-vocabulary.ts";
import { type ExpGumbelSetting, expGumbelNoise, expGumbelScheme, tableBytes } from "./exp-gumbel-scheme.ts";
import { exponentialReading } from "./exponential-reading.ts";
import { fitsVocabulary, MARKLLM_SOURCE, prefixTraps, TOLD_BY_ALL, vocabSizeField } from "./markllm-fields.ts";

const ID = "markllm-exp-gumbel/cpu";
const DEFAULT_SEED = "42";
/** Each trap holds a table of its own: larger ones are not tried. */
const MOST_TRAP_BYTES = 2 ** 25;

interface Parameters {
  readonly prefix_length: number;
  readonly temperature: number;
  readonly eps: number;
  readonly vocab_size: number;
}

const settingOf = (parameters: Parameters, seed: string): ExpGumbelSetting => ({
  seed: BigInt(seed),
  prefixLength: parameters.prefix_length,
  vocabSize: parameters.vocab_size,
  temperature: parameters.temperature,
  eps: parameters.eps,
});

/** MarkLLM's EXPGumbel: Gumbel noise from one table, whose row is the sum of the last tokens. */
export const markllmExpGumbelCpu: EngineContract = defineContract({
  id: ID,
  engine: "MarkLLM",
  algorithm: "EXPGumbel",
  state: "research",
  source: `${MARKLLM_SOURCE}, watermark/exp_gumbel/exp_gumbel.py; torch 1.13.1`,
  parameters: {
    prefix_length: integerField(1, 1024, { about: "preceding tokens whose sum chooses the row", fallback: 2 }),
    eps: numberField(0, 0.5, { about: "least uniform and least -ln u", fallback: 1e-20 }),
    threshold: numberField(0, 1, { about: "p below which MarkLLM says watermarked", fallback: 1e-4 }),
    temperature: numberField(0, 1000, { about: "divides the logits, above 0", fallback: 0.7, open: true }),
    vocab_size: vocabSizeField,
  },
  secrets: {
    seed: integer64Field(-(2n ** 63n), 2n ** 64n - 1n, {
      about: "seed of the table, an integer of up to 64 bits",
      fallback: DEFAULT_SEED,
    }),
  },
  mustBeTold: TOLD_BY_ALL,
  securityFacts: [
    "The row is the sum of the last tokens: every order of the same tokens, and many other contexts, share their noise.",
    "torch takes 32 bits of the seed, so only 4,294,967,296 tables exist.",
    "The default seed 42 is public: unless the deployer set another, anybody can read, forge and remove the mark.",
    "The table needs 4·h·V² bytes, 20 GB for GPT-2's vocabulary at h = 2: this package reads tables of up to 256 MiB.",
  ],
  blindSpots: [deviceGenerator],
  create: (parameters, { seed }) => expGumbelScheme(ID, settingOf(parameters, seed)),
  engineReading(parameters, { seed }, { tokens }) {
    checkAllInVocabulary(tokens, parameters.vocab_size);
    const setting = settingOf(parameters, seed);
    return exponentialReading(expGumbelNoise(setting), setting.prefixLength, parameters.threshold, tokens);
  },
  traps(parameters, { seed }, text) {
    const setting = settingOf(parameters, seed);
    if (!fitsVocabulary(setting.vocabSize, text)) return [];
    const other = (change: Partial<ExpGumbelSetting>): Trap["scheme"] => expGumbelScheme(ID, { ...setting, ...change });
    const small = (prefixLength: number): boolean => tableBytes({ ...setting, prefixLength }) <= MOST_TRAP_BYTES;
    const keys = [DEFAULT_SEED]
      .filter((key) => BigInt(key) !== setting.seed && small(setting.prefixLength))
      .map(
        (key): Trap => ({
          code: "default-key",
          advice:
            "The text carries the mark of MarkLLM's default seed: the deployer never set it, so anybody can read and forge the mark.",
          actual: { seed: "a public default" },
          scheme: other({ seed: BigInt(key) }),
          key: Key.fromEngine({ seed: key }),
        }),
      );
    const widths = small(setting.prefixLength + 1)
      ? prefixTraps(setting.prefixLength, (prefixLength) => other({ prefixLength }))
      : [];
    return [...widths, ...keys];
  },
});
