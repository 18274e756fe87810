import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { TokenmarkError } from "@tokenmark/core";

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/**
 * SHA-256 of what was audited, so that a report says which model it speaks of: of a file, or of a model folder's weights (names and digests of
 * all files under `onnx`); null for a hub id.
 */
export async function evidenceDigest(path: string, signal: AbortSignal): Promise<string | null> {
  if (!existsSync(path)) return null;
  const weights = join(path, "onnx");
  if (!existsSync(weights)) return digestOf(path, signal);
  const hash = createHash("sha256");
  for (const name of readdirSync(weights).sort()) {
    hash.update(`${name} ${await digestOf(join(weights, name), signal)}\n`);
  }
  return hash.digest("hex");
}

/** A file's or folder's name with what tells it from others of that name. */
const nameOf = (path: string, digest: string | null): string =>
  digest === null ? path : `${basename(path)} (SHA-256 ${digest.slice(0, 16)}…)`;

/** {@link nameOf} what lies there. */
export async function namedByDigest(path: string, signal: AbortSignal): Promise<string> {
  return nameOf(path, await evidenceDigest(path, signal));
}

/** Models as options name them. */
export interface NamedModels {
  readonly model?: string;
  readonly clean?: readonly string[];
  readonly base?: string;
}

/**
 * Names of the models that options name, by path.
 *
 * @throws TokenmarkError `bad-argument` where two have the same weights, wherever they lie: one model counts once, and does not control itself.
 */
export async function nameModels(
  { model, clean = [], base }: NamedModels,
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
    const digest = await evidenceDigest(path, signal);
    const before = known.get(digest ?? path);
    if (before !== undefined) {
      throw new TokenmarkError(
        "bad-argument",
        `${option}: wanted each model once, and no suspect among its controls, got weights twice (${path} are those of ${before})`,
      );
    }
    known.set(digest ?? path, `${option} ${path}`);
    names.set(path, nameOf(path, digest));
  }
  return names;
}
