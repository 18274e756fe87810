import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { TrainerError } from "../errors.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { parameterSpecs } from "../model/parameters.ts";

/** One point of the loss curve. */
export interface CurvePoint {
  readonly step: number;
  /** Mean training loss since the point before, nats per token. */
  readonly trainingLoss: number;
  /** Loss on held-out text, nats per token, where it was measured. */
  readonly heldOutLoss?: number;
}

/** Everything a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly config: ModelConfig;
  /** Fingerprint of whatever decides the run: data, seed, order, schedule, optimiser. */
  readonly run: string;
  /** Steps done. */
  readonly step: number;
  readonly curve: readonly CurvePoint[];
  /** Per parameter P: `P`, `first.P`, `second.P`. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

const MAGIC = "TMCKPT01";

/** Names of a checkpoint's tensors in the order they are stored, with their numbers of elements. */
function layout(config: ModelConfig): [string, number][] {
  return parameterSpecs(config).flatMap(({ name, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [name, `first.${name}`, `second.${name}`].map((key): [string, number] => [key, size]);
  });
}

/** Writes a checkpoint next to its place and then renames it there: a kill leaves the old file or the new one, never half.
 * Layout: magic, header length (uint32), header JSON, float32 tensors, SHA-256 of all before. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const { config, run, step, curve, tensors } = checkpoint;
  const header = Buffer.from(JSON.stringify({ config, run, step, curve }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const parts: Uint8Array[] = [Buffer.from(MAGIC), length, header];
  for (const [name] of layout(config)) {
    const values = tensors.get(name)!;
    parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.partial`, Buffer.concat([...parts, hash.digest()]));
  renameSync(`${path}.partial`, path);
}

/** Reads a checkpoint; a file that was cut or altered is named, not used. */
export function readCheckpoint(path: string): Checkpoint {
  const file = readFileSync(path);
  const broken = (why: string): TrainerError =>
    new TrainerError("checkpoint-truncated", `checkpoint ${path} is not whole (${why}); delete it or restore a copy`);
  if (file.length < MAGIC.length + 4 + 32 || file.toString("latin1", 0, MAGIC.length) !== MAGIC) {
    throw broken(`${file.length} bytes, no ${MAGIC} header`);
  }
  const body = file.subarray(0, file.length - 32);
  if (
    !createHash("sha256")
      .update(body)
      .digest()
      .equals(file.subarray(file.length - 32))
  ) {
    throw broken("its checksum does not match");
  }
  const headerLength = file.readUInt32LE(MAGIC.length);
  const start = MAGIC.length + 4;
  const header = JSON.parse(file.toString("utf8", start, start + headerLength)) as Omit<Checkpoint, "tensors">;
  const tensors = new Map<string, Float32Array>();
  let at = start + headerLength;
  for (const [name, size] of layout(header.config)) {
    const bytes = file.subarray(at, at + 4 * size);
    if (bytes.length !== 4 * size) throw broken(`tensor ${name} ends early`);
    tensors.set(name, new Float32Array(Uint8Array.from(bytes).buffer));
    at += 4 * size;
  }
  return { ...header, tensors };
}
