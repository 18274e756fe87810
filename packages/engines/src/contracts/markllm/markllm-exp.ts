import { Key, type Trap } from "@tokenmark/core";
import { defineContract, type EngineContract } from "../../contract.ts";
import { integerField, numberField } from "../../field.ts";
import { deviceGenerator } from "../device-generator.ts";
import { checkAllInVocabulary } from "../unigram/check-vocabulary.ts";
import { type ExpSetting, expScheme, expUniforms } from "./exp-scheme.ts";
import { exponentialReading } from "./exponential-reading.ts";
import {
  DEFAULT_HASH_KEY,
  fitsVocabulary,
  hashKeyField,
  MARKLLM_SOURCE,
  prefixTraps,
  TOLD_BY_ALL,
  vocabSizeField,
  widthTraps,
} from "./markllm-fields.ts";

const ID = "markllm-exp/cpu";

const settingOf = (
  { prefix_length, vocab_size }: { readonly prefix_length: number; readonly vocab_size: number },
  hashKey: string,
): ExpSetting => ({ hashKey: BigInt(hashKey), prefixLength: prefix_length, vocabSize: vocab_size });

/** MarkLLM's EXP: Aaronson's draw with a torch stream for each product of the last tokens. */
export const markllmExpCpu: EngineContract = defineContract({
  id: ID,
  engine: "MarkLLM",
  algorithm: "EXP",
  state: "research",
  source: `${MARKLLM_SOURCE}, watermark/exp/exp.py; torch 1.13.1`,
  parameters: {
    prefix_length: integerField(1, 1024, { about: "preceding tokens whose product seeds the uniforms", fallback: 4 }),
    threshold: numberField(0, 1, { about: "p below which MarkLLM says watermarked", fallback: 1e-4 }),
    vocab_size: vocabSizeField,
  },
  secrets: { hash_key: hashKeyField },
  mustBeTold: [
    ...TOLD_BY_ALL,
    "Whether the draw was cut to the likeliest tokens (MarkLLM's top_k, 50 by default) and at which temperature: the mark's strength depends on it, its reading does not.",
  ],
  securityFacts: [
    "The seed is the key times (product of the context modulo vocab_size), so at most vocab_size streams exist.",
    "A context with token 0, or whose product is a multiple of vocab_size, has seed 0 under every key: anybody knows its uniforms.",
    "torch takes 32 bits of the seed, so only 4,294,967,296 keys differ.",
    "The default key 15485863 is public: unless the deployer set another, anybody can read, forge and remove the mark.",
    "Repeated contexts are marked again, so a prompt has one answer and loops stay loops.",
  ],
  blindSpots: [deviceGenerator],
  create: (parameters, { hash_key }) => expScheme(ID, settingOf(parameters, hash_key)),
  engineReading(parameters, { hash_key }, { tokens }) {
    checkAllInVocabulary(tokens, parameters.vocab_size);
    const setting = settingOf(parameters, hash_key);
    return exponentialReading(expUniforms(setting), setting.prefixLength, parameters.threshold, tokens);
  },
  traps(parameters, { hash_key }, text) {
    const setting = settingOf(parameters, hash_key);
    const other = (change: Partial<ExpSetting>): Trap["scheme"] => expScheme(ID, { ...setting, ...change });
    const widths = widthTraps(setting.vocabSize, text, 5, (vocabSize) => other({ vocabSize }));
    if (!fitsVocabulary(setting.vocabSize, text)) return widths;
    const keys = [DEFAULT_HASH_KEY]
      .filter((key) => BigInt(key) !== setting.hashKey)
      .map(
        (key): Trap => ({
          code: "default-key",
          advice:
            "The text carries the mark of MarkLLM's default key: the deployer never set hash_key, so anybody can read and forge it.",
          actual: { hash_key: "a public default" },
          scheme: other({ hashKey: BigInt(key) }),
          key: Key.fromEngine({ hash_key: key }),
        }),
      );
    return [...prefixTraps(setting.prefixLength, (prefixLength) => other({ prefixLength })), ...widths, ...keys];
  },
});
