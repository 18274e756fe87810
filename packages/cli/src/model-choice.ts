import { existsSync } from "node:fs";
import { TokenmarkError } from "@tokenmark/core";
import { dtype as shippedDtype, modelFolder as shippedFolder, prompts as shippedPrompts } from "@tokenmark/demo-model";
import type { Generator, GeneratorOptions, ModelTokenizer } from "@tokenmark/transformers";
import { given } from "./given.ts";

/** What the command line says about the model. */
export interface ModelOptions {
  readonly model?: string;
  readonly dtype?: string;
}

/** A model to load. */
export interface ModelChoice {
  readonly folderOrId: string;
  readonly dtype?: string;
  /** For people, where the folder's own name says nothing. */
  readonly name?: string;
  /** Openings that suit the model; "" begins with nothing. */
  readonly prompts: readonly string[];
  /** Tokens that end a text, where they are not to be the model's own. */
  readonly endTokens?: readonly number[];
  /** ONNX Runtime's own options. */
  readonly sessionOptions?: Readonly<Record<string, unknown>>;
}

/**
 * The model of `--model`, else of TOKENMARK_MODEL, else the one that ships with the project.
 *
 * @throws TokenmarkError `model-not-found` if that one is not there.
 */
export function chooseModel({ model, dtype }: ModelOptions): ModelChoice {
  const folderOrId = model ?? (process.env.TOKENMARK_MODEL || undefined);
  if (folderOrId !== undefined) return { folderOrId, ...given({ dtype }), prompts: [""] };
  if (!existsSync(shippedFolder)) {
    throw new TokenmarkError(
      "model-not-found",
      "model: the one that ships with Tokenmark is not here; give another with --model DIR or TOKENMARK_MODEL",
    );
  }
  return {
    folderOrId: shippedFolder,
    dtype: dtype ?? shippedDtype,
    name: "@tokenmark/demo-model",
    prompts: shippedPrompts,
    // It learnt from short passages and may end one after five tokens, too few to show a mark; it then begins another.
    endTokens: [],
    // It is so small that dividing a step among threads costs more than it saves: 250 tokens took 0.36 s with one, 0.7 to 1.1 s with two.
    sessionOptions: { intraOpNumThreads: 1 },
  };
}

/** The adapter is half a second's loading, so only the commands that use it wait for it. */
const adapter = (): Promise<typeof import("@tokenmark/transformers")> => import("@tokenmark/transformers");

/** Looks whether a model is whole, without loading it. */
export async function checkModel({ folderOrId, dtype }: ModelChoice): Promise<void> {
  await (await adapter()).checkModel(folderOrId, dtype);
}

/** Loads the tokenizer alone. */
export async function openTokenizer({ folderOrId, name }: ModelChoice): Promise<ModelTokenizer> {
  return (await adapter()).loadTokenizer(folderOrId, given({ name }));
}

/** Loads model and tokenizer. Dispose of the generator when done. */
export async function openGenerator(choice: ModelChoice, options: GeneratorOptions = {}): Promise<Generator> {
  const { folderOrId, dtype, name, sessionOptions } = choice;
  return (await adapter()).createGenerator(folderOrId, { ...options, ...given({ dtype, name, sessionOptions }) });
}
