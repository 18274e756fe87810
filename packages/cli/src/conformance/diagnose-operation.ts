import { type AnySchemeConfig, createScheme, type Key, TokenmarkError } from "@tokenmark/core";
import { type Diagnosis, detectTokens, diagnose, type TriedTrap } from "@tokenmark/detector";
import {
  engineKey,
  engineRegistry,
  findContract,
  type GoldenQuestion,
  type JsonObject,
  NOT_DERIVABLE,
  type Operation,
} from "@tokenmark/engines";

type Declared = Readonly<Record<string, unknown>>;

/** Which contract the golden files mean by an engine's name, with the algorithm behind a slash. */
const CONTRACTS: Readonly<Record<string, string>> = {
  sglang: "sglang-gumbel/murmur3-32",
  "vllm/gumbel": "vllm-gumbel/philox4x32-10-v1",
  "vllm/dual_key_gumbel": "vllm-dual-key-gumbel/philox4x32-10-v1",
  "vllm/sbw": "vllm-sbw/philox",
  textseal: "textseal-dual/v0.2",
};

function contractIdOf(engine: unknown, { algorithm }: Declared): string {
  const name = algorithm === undefined ? String(engine) : `${engine}/${algorithm}`;
  const id = Object.hasOwn(CONTRACTS, name) ? CONTRACTS[name] : undefined;
  if (id !== undefined) return id;
  throw new TokenmarkError(
    "unknown-contract",
    `engine: wanted one of ${Object.keys(CONTRACTS).join(", ")}, got ${name}`,
  );
}

/** Names that would not be clear, or mean something else, in a profile. */
const RENAMED: Readonly<Record<string, string>> = {
  scheme: "seeding_scheme",
  max_history: "deduplicate_contexts_max_history",
};

/** A scheme's configuration and its key. */
type Configured = { readonly scheme: AnySchemeConfig; readonly key: Key };

function declaredOf({ params }: GoldenQuestion): Configured {
  return configured(params.engine, params.declared as Declared);
}

function configured(engine: unknown, declared: Declared): Configured {
  const contract = findContract(contractIdOf(engine, declared));
  // SBW's own detector has one key, the detection key; it is the generator's in every case that can be read.
  const { algorithm: _, detection_key: __, ...given } = declared;
  const entries = Object.entries(given).map(([name, value]) => [RENAMED[name] ?? name, value] as const);
  const isSecret = ([name]: readonly [string, unknown]): boolean => Object.hasOwn(contract.secrets, name);
  return {
    scheme: { ...Object.fromEntries(entries.filter((entry) => !isSecret(entry))), scheme: contract.id },
    key: engineKey(contract, Object.fromEntries(entries.filter(isSecret))),
  };
}

/** TextSeal's detectors leave out the first token that could be scored, which is what they do with a text that is shorter by its first. */
function textOf({ params, input }: GoldenQuestion): {
  readonly tokens: readonly number[];
  readonly prompt: readonly number[] | null;
} {
  return {
    tokens: (input.tokens as readonly number[]).slice(params.engine === "textseal" ? 1 : 0),
    prompt: (input.prompt ?? null) as readonly number[] | null,
  };
}

/** The files ask what is wrong with a declaration of which they know that something is. */
function named({ finding, possible }: Diagnosis): TriedTrap | undefined {
  return finding ?? possible[0];
}

/** Leaves that a text under a wrong declaration cannot give. */
const INFORMATIONAL: Readonly<Record<string, string>> = {
  "actual.missing_tokens": "how many ids were cut off leaves no trace: all first contexts are wrong alike",
  log10_p_actual: "of ids or of a master key that are neither in the question nor in the answer",
};

/** The engines' detectors, whose p-values the files hold, count contexts that the prompt has too. */
const DROPS_PROMPT_UNITS = false;

/** Diagnoses whose right reading needs ids or keys that are not in the question. */
const UNKNOWABLE = new Set([
  "prompt-ids-misaligned",
  "first-tokens-missing",
  "dual-key-detected-with-derived-key-a-only",
  "wrong-engine",
]);

/** The key of the trap that was found: a diagnosis itself names none. */
function keyOf(question: GoldenQuestion, { code, keyId }: TriedTrap): Key | undefined {
  const { scheme, key } = declaredOf(question);
  const { scheme: name, ...config } = scheme;
  const traps = engineRegistry[name]?.traps?.(config, key, textOf(question)) ?? [];
  return traps.find((trap) => trap.code === code && trap.key?.id === keyId)?.key;
}

function actualOf(question: GoldenQuestion, found: TriedTrap): object {
  const { code, actual } = found;
  const declared = question.params.declared as Declared;
  if (question.params.engine !== "sglang") {
    if (code === "first-tokens-missing") return { missing_tokens: NOT_DERIVABLE };
    if (code === "engine-generator-detector-disagree") return { side: `${actual.lefthash_rule} rule` };
    return found.keyId === null ? actual : { ...actual, ...keyOf(question, found)?.engineSecret() };
  }
  // SGLang's cases state the whole configuration.
  const { key, key_b, context_window, mixing_probability } = declared;
  if (code === "prompt-ids-misaligned") return { prompt: "other last ids" };
  if (code === "dual-keys-swapped") return { key: key_b, context_window, key_b: key, mixing_probability };
  const told = toldSecondKey(question, found);
  if (told !== null) return { key, context_window, ...told };
  const dual = key_b === undefined ? {} : { key_b, mixing_probability };
  return { key, context_window, ...dual, ...actual };
}

/** Of two keys of SGLang of which one is declared only the answer tells the other: with it, the actual reading is computed. */
function toldSecondKey({ params, asked }: GoldenQuestion, { code }: TriedTrap): Declared | null {
  const { key_b } = params.declared as Declared;
  if (params.engine !== "sglang" || code !== "dual-key-text-single-key-detector" || key_b !== undefined) return null;
  const told = asked as Declared;
  return { key_b: told.key_b, mixing_probability: told.mixing_probability };
}

/** log10 p of the actual reading. */
function actualLog10P(question: GoldenQuestion, found: TriedTrap): number | typeof NOT_DERIVABLE {
  if (UNKNOWABLE.has(found.code)) return NOT_DERIVABLE;
  const told = toldSecondKey(question, found);
  if (told === null) return found.detection.log10PValue;
  const { engine, declared } = question.params;
  const { scheme, key } = configured(engine, { ...(declared as Declared), ...told });
  const { tokens, prompt } = textOf(question);
  const reader = createScheme(scheme, key, { registry: engineRegistry });
  const text = [...(prompt ?? []), ...tokens];
  return detectTokens(reader, text, {
    start: prompt?.length ?? 0,
    promptKnown: prompt !== null,
    dropPromptUnits: DROPS_PROMPT_UNITS,
  }).log10PValue;
}

/** Recomputes what {@link diagnose} says of a text under a wrong declaration. */
export const diagnoseOperation: Operation = {
  op: "diagnose",
  asked: (output) => (output as JsonObject).actual ?? null,
  run(question) {
    const { tokens, prompt } = textOf(question);
    const { scheme, key } = declaredOf(question);
    createScheme(scheme, key, { registry: engineRegistry });
    const diagnosis = diagnose(
      tokens,
      { scheme },
      { key, registry: engineRegistry, dropPromptUnits: DROPS_PROMPT_UNITS, ...(prompt ? { prompt } : {}) },
    );
    const trap = named(diagnosis);
    const declared = diagnosis.declared.log10PValue;
    if (trap === undefined) return { diagnosis: null, actual: null, log10_p_declared: declared, log10_p_actual: null };
    return {
      diagnosis: trap.code,
      actual: actualOf(question, trap),
      log10_p_declared: declared,
      log10_p_actual: actualLog10P(question, trap),
    };
  },
  informational: INFORMATIONAL,
};
