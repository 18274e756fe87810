import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

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
export async function namedByDigest(path: string, signal: AbortSignal): Promise<string> {
  const digest = await evidenceDigest(path, signal);
  return digest === null ? path : `${basename(path)} (SHA-256 ${digest.slice(0, 16)}…)`;
}
