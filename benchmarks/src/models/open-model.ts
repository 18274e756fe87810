import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TokenmarkError } from "@tokenmark/core";
import { dtype as shippedDtype, modelFolder as shippedFolder } from "@tokenmark/demo-model";
import { type ApiName, checkServerTokenizer, connect } from "@tokenmark/logit-api";
import { loadTokenizer } from "@tokenmark/transformers";
import { openLocalModel } from "./local-model.ts";
import { sourceModel } from "./source-model.ts";
import type { TextModel } from "./text-model.ts";

/** A model as a config names it. */
export type ModelSpec =
  /** The small model that ships with the project. */
  | { readonly kind: "shipped" }
  /** The second model that ships with the benchmarks: another shape, another tokenizer, the same language. */
  | { readonly kind: "shipped-judge" }
  /** A folder in the transformers.js layout, or an id of the hub. */
  | { readonly kind: "transformers"; readonly model: string; readonly dtype?: string }
  /** A server that returns scores, with the folder or hub id of its tokenizer. */
  | {
      readonly kind: "server";
      readonly baseURL: string;
      readonly tokenizer: string;
      readonly api?: ApiName;
      readonly model?: string;
      readonly topLogprobs?: number;
    }
  /** Anything else that can be made a {@link TextModel}; see `sourceModel`. Only in configs that are code. */
  | { readonly kind: "own"; readonly name: string; readonly open: () => Promise<TextModel> };

/** What a spec calls its model, for results without it. */
export function modelName(spec: ModelSpec): string {
  switch (spec.kind) {
    case "shipped":
    case "shipped-judge":
      return spec.kind;
    case "transformers":
      return spec.model;
    case "server":
      return spec.baseURL;
    case "own":
      return spec.name;
    default:
      return spec satisfies never;
  }
}

const judgeFolder = join(dirname(fileURLToPath(import.meta.url)), "../../judge-model");

// So small that dividing a step among threads costs more than it saves.
const ONE_THREAD = { intraOpNumThreads: 1 } as const;

async function openServer(spec: ModelSpec & { readonly kind: "server" }): Promise<TextModel> {
  const { kind: _, tokenizer: folder, ...connection } = spec;
  const tokenizer = await loadTokenizer(folder);
  const apiKey = process.env.TOKENMARK_API_KEY;
  const source = await connect({ ...connection, tokenizer, ...(apiKey ? { apiKey } : {}) });
  await checkServerTokenizer(source, tokenizer);
  const { contextLength } = await source.facts();
  const name = spec.model === undefined ? source.name : `${spec.model}, ${source.name}`;
  return sourceModel(source, { name, tokenizer, identity: tokenizer.identity, contextLength });
}

/**
 * Opens the model that a config names. Dispose of it when done.
 *
 * @throws TokenmarkError `model-not-found`, `model-incomplete`, `network`, `tokenizer-mismatch`, and what servers answer.
 */
export async function openModel(spec: ModelSpec): Promise<TextModel> {
  switch (spec.kind) {
    case "shipped":
      return openLocalModel(shippedFolder, {
        name: "@tokenmark/demo-model",
        dtype: shippedDtype,
        sessionOptions: ONE_THREAD,
      });
    case "shipped-judge":
      return openLocalModel(judgeFolder, { name: "judge-model", dtype: shippedDtype, sessionOptions: ONE_THREAD });
    case "transformers":
      return openLocalModel(spec.model, spec.dtype === undefined ? {} : { dtype: spec.dtype });
    case "server":
      return openServer(spec);
    case "own":
      return spec.open();
    default:
      throw new TokenmarkError(
        "bad-config",
        `model: wanted a kind of model, got ${JSON.stringify(spec satisfies never)}`,
      );
  }
}
