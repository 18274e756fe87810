import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { oneLine } from "@tokenmark/radioactivity";
import { given } from "../given.ts";
import { checkModel, chooseModel } from "../model-choice.ts";

async function digestOf(paths: readonly string[], signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Digests of a model folder's weights, a file `onnx/….onnx` each with the external data that belongs to it, by the file's name. */
async function weightsDigests(folder: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const onnx = join(folder, "onnx");
  const files = readdirSync(onnx, { withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort();
  const digests = new Map<string, string>();
  for (const name of files.filter((file) => file.endsWith(".onnx"))) {
    const own = files.filter((file) => file === name || file.startsWith(`${name}_data`));
    digests.set(
      name,
      await digestOf(
        own.map((file) => join(onnx, file)),
        signal,
      ),
    );
  }
  return digests;
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** What tells a file or a model folder from others of its name. */
interface Identity {
  /** SHA-256 of the file, or of names and digests of all weights; null for a hub id and for a folder without weights. */
  readonly digest: string | null;
  /** Digests of the weights. */
  readonly weights: readonly string[];
}

/** SHA-256 of what was audited, so that a report says which model it speaks of. */
async function identityOf(path: string, signal: AbortSignal): Promise<Identity> {
  if (!existsSync(path)) return { digest: null, weights: [] };
  if (!isFolder(path)) return { digest: await digestOf([path], signal), weights: [] };
  const weights = isFolder(join(path, "onnx")) ? await weightsDigests(path, signal) : new Map<string, string>();
  if (weights.size === 0) return { digest: null, weights: [] };
  const lines = [...weights].map(([name, digest]) => `${name} ${digest}\n`).join("");
  return { digest: createHash("sha256").update(lines).digest("hex"), weights: [...weights.values()] };
}

/** A file's or folder's name with what tells it from others of that name. */
const nameOf = (path: string, digest: string | null): string =>
  digest === null ? oneLine(path) : `${oneLine(basename(path))} (SHA-256 ${digest.slice(0, 16)}…)`;

/** {@link nameOf} what lies there. */
export async function namedByDigest(path: string, signal: AbortSignal): Promise<string> {
  return nameOf(path, (await identityOf(path, signal)).digest);
}

/** Models as options name them. */
export interface NamedModels {
  readonly dtype?: string;
  readonly model?: string;
  readonly clean?: readonly string[];
  readonly base?: string;
}

/**
 * Names of the models that options name, by path; nothing is loaded.
 *
 * @throws TokenmarkError `model-not-found`, `model-incomplete`; `bad-argument` where two have a file of weights in common, wherever it lies: one
 * model counts once, and does not control itself.
 */
export async function nameModels(
  { model, clean = [], base, dtype }: NamedModels,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const all = [
    ...(model === undefined ? [] : [["--model", model] as const]),
    ...(base === undefined ? [] : [["--base", base] as const]),
    ...clean.map((path) => ["--clean", path] as const),
  ];
  const known = new Map<string, string>();
  const names = new Map<string, string>();
  for (const [option, path] of all) {
    await checkModel(chooseModel({ model: path, ...given({ dtype }) }));
    const { digest, weights } = await identityOf(path, signal);
    const marks = weights.length === 0 ? [path] : weights;
    const before = marks.map((mark) => known.get(mark)).find((one) => one !== undefined);
    if (before !== undefined) {
      throw new TokenmarkError(
        "bad-argument",
        `${option}: wanted each model once, and no suspect among its controls, got weights twice (${path} are those of ${before})`,
      );
    }
    for (const mark of marks) known.set(mark, `${option} ${path}`);
    names.set(path, nameOf(path, digest));
  }
  return names;
}
