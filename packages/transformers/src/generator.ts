import {
  type AnySchemeConfig,
  checkProfileKey,
  checkProfileTokenizer,
  createScheme,
  type Key,
  type LogitSource,
  type Profile,
  parseProfile,
  type SchemeRegistry,
  type TokenizerIdentity,
  TokenmarkError,
  type WatermarkScheme,
} from "@tokenmark/core";
import type { RowSchemes } from "./exact-processor.ts";
import { type LoadedModel, type LoadOptions, loadModel } from "./load-model.ts";
import { type CallableModel, createModelSource } from "./model-source.ts";
import { createReader, type TextReader } from "./reader.ts";
import { createTextStream, type TextStream } from "./text-stream.ts";
import type { ModelTokenizer } from "./tokenizer.ts";
import { type SamplingOptions, type WrittenRow, writeRows } from "./write-rows.ts";

/** Options of {@link createGenerator}: a profile with its key, or a scheme config with a key, or a scheme, or none (unmarked). */
export interface GeneratorOptions extends LoadOptions {
  /** Published scheme, tokenizer and key id; all three are checked. Needs `key`. */
  readonly profile?: Profile;
  /** A scheme, or the config of one (which needs `key`). */
  readonly scheme?: WatermarkScheme | AnySchemeConfig;
  readonly key?: Key;
  /** Further schemes that a config may name. */
  readonly registry?: SchemeRegistry;
}

/** Options of one text. */
export interface TextOptions extends SamplingOptions {
  /** Marks this text with another scheme than the generator's; null: unmarked. Of several prompts a list gives each its own. */
  readonly scheme?: RowSchemes;
}

/** A text that was written, with its receipt. */
export interface GeneratedText extends WrittenRow {
  /** The continuation alone: no prompt, no special tokens. Behind the prompt's text it reads on without a seam. */
  readonly text: string;
}

/** Writes marked text with a local model. */
export interface Generator {
  readonly scheme: WatermarkScheme | null;
  readonly tokenizer: ModelTokenizer;
  readonly identity: TokenizerIdentity;
  readonly vocabularySize: number;
  /** Positions that the model has for prompt and text together; null if it does not say. */
  readonly contextLength: number | null;
  /** Scores of the same model along texts that exist. */
  readonly reader: TextReader;
  /** The same model as a source, for core's `generate` and whatever else asks for one position at a time. */
  readonly source: LogitSource;
  /** Continues a prompt, or several in one batch (each as it would be alone, given its own seed). */
  generate(prompt: string, options?: TextOptions): Promise<GeneratedText>;
  generate(prompts: readonly string[], options?: TextOptions): Promise<readonly GeneratedText[]>;
  /** Continues a prompt piece by piece; the pieces together are `(await stream.result).text`. */
  stream(prompt: string, options?: TextOptions): TextStream<GeneratedText>;
  /** Frees the model's session. */
  dispose(): Promise<void>;
}

function schemeOf(options: GeneratorOptions, identity: TokenizerIdentity): WatermarkScheme | null {
  const { profile, scheme, key, registry } = options;
  if (profile !== undefined && scheme !== undefined) {
    throw new TokenmarkError("bad-argument", "scheme: wanted none beside a profile, which names its own, got one");
  }
  if (scheme === null) throw new TokenmarkError("bad-argument", "scheme: wanted a scheme or its config, got null");
  if (scheme !== undefined && "process" in scheme && typeof scheme.process === "function")
    return scheme as WatermarkScheme;
  const published =
    profile === undefined ? undefined : parseProfile(profile, registry === undefined ? {} : { registry });
  const config = published?.scheme ?? (scheme as AnySchemeConfig | undefined);
  if (config === undefined) {
    if (key === undefined) return null;
    throw new TokenmarkError(
      "bad-argument",
      "key: wanted a profile or scheme beside it, got none; the text would be unmarked",
    );
  }
  if (key === undefined) throw new TokenmarkError("bad-argument", "key: wanted the scheme's key, got none");
  if (published !== undefined) {
    checkProfileKey(published, key);
    checkProfileTokenizer(published, identity);
  }
  return createScheme(config, key, registry === undefined ? {} : { registry });
}

/**
 * Loads a model from a folder or the Hugging Face hub and makes it write marked text.
 *
 * @example
 * const generator = await createGenerator("models/tiny", { profile, key, dtype: "q8" });
 * const { text } = await generator.generate("Once upon a time", { maxTokens: 200, temperature: 0.9, seed: 7 });
 *
 * @throws TokenmarkError `model-not-found`, `model-incomplete`, `network`, `bad-argument`, `bad-config`, `key-mismatch`,
 * `tokenizer-mismatch`, `vocabulary-mismatch`; from `generate` and `stream`: `too-long`, `empty-text`, `needs-sampling`, `aborted`.
 */
export async function createGenerator(folderOrId: string, options: GeneratorOptions = {}): Promise<Generator> {
  const loaded: LoadedModel = await loadModel(folderOrId, options);
  const { tokenizer, model, contextLength } = loaded;
  const own = schemeOf(options, tokenizer.identity);

  function promptTokens(prompt: string): readonly number[] {
    const tokens = tokenizer.encodePrompt(prompt);
    if (tokens.length > 0) return tokens;
    if (loaded.beginToken !== null) return [loaded.beginToken];
    throw new TokenmarkError(
      "empty-text",
      "prompt: wanted at least one token, got an empty text and a model without a begin token",
    );
  }

  function textOf(row: WrittenRow): GeneratedText {
    const detokenizer = tokenizer.createDetokenizer(row.promptTokens);
    const text = row.tokens.map((token) => detokenizer.push(token)).join("") + detokenizer.flush();
    return { text, ...row };
  }

  async function write(prompts: readonly string[], options: TextOptions): Promise<readonly GeneratedText[]> {
    const { scheme = own, ...sampling } = options;
    const rows = await writeRows(loaded, prompts.map(promptTokens), scheme, sampling);
    return rows.map(textOf);
  }

  function generate(prompt: string, options?: TextOptions): Promise<GeneratedText>;
  function generate(prompts: readonly string[], options?: TextOptions): Promise<readonly GeneratedText[]>;
  async function generate(
    prompts: string | readonly string[],
    options: TextOptions = {},
  ): Promise<GeneratedText | readonly GeneratedText[]> {
    if (typeof prompts === "string") return (await write([prompts], options))[0]!;
    return prompts.length === 0 ? [] : write(prompts, options);
  }

  function stream(prompt: string, options: TextOptions = {}): TextStream<GeneratedText> {
    const { scheme = own, signal, ...sampling } = options;
    const left = new AbortController();
    return createTextStream(
      async (push) => {
        const tokens = promptTokens(prompt);
        const detokenizer = tokenizer.createDetokenizer(tokens);
        const signals = signal === undefined ? left.signal : AbortSignal.any([left.signal, signal]);
        const onToken = (_row: number, token: number): void => push(detokenizer.push(token));
        const [row] = await writeRows(loaded, [tokens], scheme, { ...sampling, signal: signals }, onToken);
        push(detokenizer.flush());
        return textOf(row!);
      },
      () => left.abort(),
    );
  }

  return Object.freeze({
    scheme: own,
    tokenizer,
    identity: tokenizer.identity,
    vocabularySize: tokenizer.vocabularySize,
    contextLength,
    reader: createReader(model, {
      ...(contextLength === null ? {} : { contextLength }),
      vocabularySize: tokenizer.vocabularySize,
      beginToken: loaded.beginToken,
    }),
    source: createModelSource(model as unknown as CallableModel, {
      name: tokenizer.identity.name,
      tokenizer,
      contextLength,
    }),
    generate,
    stream,
    async dispose(): Promise<void> {
      await model.dispose();
    },
  });
}
