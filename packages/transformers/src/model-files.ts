import { TokenmarkError } from "@tokenmark/core";

/** Where a model is: a folder on this machine, by its absolute path, or a repository of the Hugging Face hub. */
export interface ModelPlace {
  readonly kind: "folder" | "hub";
  /** What transformers.js is given. */
  readonly id: string;
  /** For people: the folder's own name, or the repository's. */
  readonly name: string;
}

export const CONFIG = "config.json";
/** What a tokenizer is loaded from. */
export const TOKENIZER_FILES: readonly string[] = [CONFIG, "tokenizer.json", "tokenizer_config.json"];

/** The suffix that transformers.js puts behind `model` for each dtype; other names are `_<dtype>`. */
const SUFFIXES: Readonly<Record<string, string>> = { fp32: "", q8: "_quantized" };
const HUB_ID = /^[\w.-]+(\/[\w.-]+)?$/;

/** The ONNX file of a dtype. */
export const modelFileOf = (dtype: string): string => `onnx/model${SUFFIXES[dtype] ?? `_${dtype}`}.onnx`;

/**
 * Decides whether a name is a folder or a hub id.
 *
 * @throws TokenmarkError `model-not-found` if it is neither.
 */
export async function locateModel(folderOrId: string): Promise<ModelPlace> {
  if (typeof folderOrId !== "string" || folderOrId === "") {
    throw new TokenmarkError("bad-argument", "model: wanted a folder or a hub id, got nothing");
  }
  const [{ stat }, { basename, resolve }] = await Promise.all([import("node:fs/promises"), import("node:path")]);
  const found = await stat(folderOrId).catch(() => null);
  const id = resolve(folderOrId);
  if (found?.isDirectory()) return { kind: "folder", id, name: basename(id) };
  if (found) throw new TokenmarkError("model-not-found", `model: wanted a folder, got the file ${folderOrId}`);
  if (HUB_ID.test(folderOrId) && !/^\.|\.\.|--|\.(git|ipynb)$/.test(folderOrId)) {
    return { kind: "hub", id: folderOrId, name: folderOrId };
  }
  throw new TokenmarkError("model-not-found", `model: wanted a folder that exists or a hub id, got ${folderOrId}`);
}

/**
 * Checks that a folder has what will be read.
 *
 * @throws TokenmarkError `model-incomplete`, naming the first file that is missing.
 */
export async function checkModelFiles(place: ModelPlace, files: readonly string[]): Promise<void> {
  if (place.kind === "hub") return;
  const [{ access }, { join }] = await Promise.all([import("node:fs/promises"), import("node:path")]);
  for (const file of files) {
    const missing = await access(join(place.id, file)).then(
      () => false,
      () => true,
    );
    if (missing)
      throw new TokenmarkError("model-incomplete", `model ${place.name}: wanted the file ${file}, found none`);
  }
}

/**
 * The dtype to load: the one asked for, else in a folder the one it has (fp32 before q8 before others), else the host's default.
 *
 * @throws TokenmarkError `model-incomplete` if the folder has no file for it.
 */
export async function chooseDtype(place: ModelPlace, asked: string | undefined): Promise<string | undefined> {
  if (place.kind === "hub") return asked;
  const [{ readdir }, { join }] = await Promise.all([import("node:fs/promises"), import("node:path")]);
  const entries = await readdir(join(place.id, "onnx")).catch(() => [] as string[]);
  const dtypes = entries.flatMap((entry) => {
    const suffix = /^model(\w*)\.onnx$/.exec(entry)?.[1];
    if (suffix === undefined) return [];
    return [suffix === "" ? "fp32" : suffix === "_quantized" ? "q8" : suffix.slice(1)];
  });
  const rank = (dtype: string): number => ["fp32", "q8"].indexOf(dtype) >>> 0;
  const chosen = asked ?? dtypes.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))[0];
  if (chosen !== undefined && dtypes.includes(chosen)) return chosen;
  const file = modelFileOf(chosen ?? "fp32");
  throw new TokenmarkError(
    "model-incomplete",
    `model ${place.name}: wanted the file ${file}, found ${dtypes.length === 0 ? "no ONNX file" : `dtype ${dtypes.join(", ")}`}`,
  );
}
