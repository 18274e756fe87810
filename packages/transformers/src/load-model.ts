import {
  AutoConfig,
  AutoModelForCausalLM,
  AutoTokenizer,
  env,
  LogLevel,
  type PreTrainedModel,
  type PretrainedConfig,
} from "@huggingface/transformers";
import { TokenmarkError, type TokenmarkErrorCode } from "@tokenmark/core";
import {
  CONFIG,
  checkModelFiles,
  chooseDtype,
  locateModel,
  type ModelPlace,
  modelFileOf,
  TOKENIZER_FILES,
} from "./model-files.ts";
import { type HostTokenizer, type ModelTokenizer, wrapTokenizer } from "./tokenizer.ts";

/** Options for loading. `dtype`, `device` and `sessionOptions` concern the model alone, not its tokenizer. */
export interface LoadOptions {
  /** What profiles call the tokenizer. @defaultValue the folder's own name, or the hub id */
  readonly name?: string;
  /** Which file of `onnx/`: fp32, q8, fp16, q4 … @defaultValue what a folder has, fp32 first; from the hub the host's default */
  readonly dtype?: string;
  /** The host's execution device. @defaultValue the host's: cpu in Node */
  readonly device?: string;
  /** ONNX Runtime's own options, for example `{ intraOpNumThreads: 1 }`. */
  readonly sessionOptions?: Readonly<Record<string, unknown>>;
  /** Where hub files are kept. @defaultValue the host's */
  readonly cacheDir?: string;
  /** A hub repository's branch, tag or commit. @defaultValue main */
  readonly revision?: string;
}

/** A loaded model with its tokenizer. */
export interface LoadedModel {
  readonly model: PreTrainedModel;
  readonly tokenizer: ModelTokenizer;
  /** Size of the position table in tokens; null if config.json does not say. */
  readonly contextLength: number | null;
  /** Ids that end a text; from generation_config.json, else config.json. */
  readonly endTokens: readonly number[];
  /** Id that fills a batch's shorter rows; never read by the model. */
  readonly padToken: number;
  /** Id that begins a text, if the model has one. */
  readonly beginToken: number | null;
}

type ConfigFields = Readonly<Record<string, unknown>>;

/**
 * transformers.js prints warnings, and at a failed step every input tensor, to the console. Loading through this package switches that
 * off; set `env.logLevel` after loading to have it back.
 */
function silenceHost(): void {
  env.logLevel = LogLevel.NONE;
}

/** One sentence for whatever the host threw while it read `what`. */
function loadError(place: ModelPlace, what: string, cause: unknown): TokenmarkError {
  const { name = "", message = "", status } = (cause ?? {}) as { name?: string; message?: string; status?: number };
  const fail = (code: TokenmarkErrorCode, reason: string): TokenmarkError =>
    new TokenmarkError(code, `model ${place.name}: ${reason}`, { cause });
  const first = message.split("\n")[0]!.slice(0, 160);
  if (/^(Unsupported device|Invalid dtype)/.test(message)) return fail("bad-argument", first);
  if (place.kind === "folder") return fail("model-incomplete", `${what} could not be read: ${first}`);
  if (name === "ModelFileNotFoundError") {
    // The hub answers 404 for a missing file and 401 for a missing repository; config.json is asked for first.
    return what === CONFIG || status === 401 || status === 403
      ? fail("model-not-found", "no such model on the hub or in its cache here, or it needs an access token")
      : fail("model-incomplete", `the hub has no ${what}`);
  }
  if (
    /fetch failed|network|ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN|^(Error \(5\d\d\)|.*(server error|gateway))/i.test(
      message,
    )
  ) {
    return fail(
      "network",
      `there is no such folder here, and ${env.remoteHost} could not be reached for ${what}; connect to a network or give a local folder`,
    );
  }
  // transformers.js takes a missing tokenizer_config.json for "no tokenizer" and stumbles over it.
  return fail(
    "model-incomplete",
    /tokenizer_class|undefined/.test(message) ? `the hub has no ${what}` : `${what} could not be read: ${first}`,
  );
}

const host = (options: LoadOptions): { cache_dir?: string; revision?: string } => ({
  ...(options.cacheDir === undefined ? {} : { cache_dir: options.cacheDir }),
  ...(options.revision === undefined ? {} : { revision: options.revision }),
});

/** The fields of config.json, those of a multimodal model's text part first. */
function textFields(config: PretrainedConfig): ConfigFields {
  const fields = config as unknown as ConfigFields;
  return { ...fields, ...(fields.text_config as ConfigFields | undefined) };
}

function firstInteger(fields: ConfigFields, names: readonly string[]): number | null {
  for (const name of names) if (Number.isInteger(fields[name])) return fields[name] as number;
  return null;
}

async function loadConfig(place: ModelPlace, options: LoadOptions): Promise<PretrainedConfig> {
  return AutoConfig.from_pretrained(place.id, host(options)).catch((cause) => {
    throw loadError(place, CONFIG, cause);
  });
}

async function loadTokenizerOf(
  place: ModelPlace,
  config: PretrainedConfig,
  options: LoadOptions,
): Promise<ModelTokenizer> {
  const vocabularySize = firstInteger(textFields(config), ["vocab_size", "n_vocab"]);
  if (vocabularySize === null || vocabularySize < 1) {
    throw new TokenmarkError("model-incomplete", `model ${place.name}: wanted vocab_size in config.json, found none`);
  }
  const tokenizer = await AutoTokenizer.from_pretrained(place.id, host(options)).catch((cause) => {
    throw loadError(place, "tokenizer.json and tokenizer_config.json", cause);
  });
  return wrapTokenizer(tokenizer as unknown as HostTokenizer, { name: options.name ?? place.name, vocabularySize });
}

/**
 * Loads a model's tokenizer alone: enough to detect, and no ONNX session is made.
 *
 * @throws TokenmarkError `model-not-found`, `model-incomplete`, `network`.
 */
export async function loadTokenizer(folderOrId: string, options: LoadOptions = {}): Promise<ModelTokenizer> {
  silenceHost();
  const place = await locateModel(folderOrId);
  await checkModelFiles(place, TOKENIZER_FILES);
  return loadTokenizerOf(place, await loadConfig(place, options), options);
}

/**
 * Loads a causal language model and its tokenizer, from a folder or the hub by the same code.
 *
 * @throws TokenmarkError `model-not-found`, `model-incomplete`, `network`.
 */
export async function loadModel(folderOrId: string, options: LoadOptions = {}): Promise<LoadedModel> {
  silenceHost();
  const place = await locateModel(folderOrId);
  await checkModelFiles(place, TOKENIZER_FILES);
  const dtype = await chooseDtype(place, options.dtype);
  const config = await loadConfig(place, options);
  const tokenizer = await loadTokenizerOf(place, config, options);
  const settings = {
    ...host(options),
    // A folder has what it has: an optional file that is missing is not looked for on the hub.
    ...(place.kind === "folder" ? { local_files_only: true } : {}),
    ...(dtype === undefined ? {} : { dtype }),
    ...(options.device === undefined ? {} : { device: options.device }),
    ...(options.sessionOptions === undefined ? {} : { session_options: options.sessionOptions }),
  };
  type Settings = NonNullable<Parameters<typeof AutoModelForCausalLM.from_pretrained>[1]>;
  const model = await AutoModelForCausalLM.from_pretrained(place.id, settings as Settings).catch((cause) => {
    throw loadError(place, modelFileOf(dtype ?? "fp32"), cause);
  });
  const fields = { ...textFields(config), ...(model.generation_config as ConfigFields | null) };
  const ends = [fields.eos_token_id].flat().filter((id): id is number => Number.isInteger(id));
  const beginToken = firstInteger(fields, ["bos_token_id"]);
  return {
    model,
    tokenizer,
    contextLength: firstInteger(textFields(config), [
      "max_position_embeddings",
      "n_positions",
      "n_ctx",
      "max_seq_len",
      "seq_length",
    ]),
    endTokens: ends,
    padToken: firstInteger(fields, ["pad_token_id"]) ?? ends[0] ?? 0,
    beginToken,
  };
}
