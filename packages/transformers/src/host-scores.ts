import { TokenmarkError } from "@tokenmark/core";
import type { HostIds, HostLogits } from "./host.ts";

/** A batch's scores as typed memory: row r is `data.subarray(r · width, (r + 1) · width)`. */
export interface HostScores {
  readonly data: Float32Array;
  readonly width: number;
  readonly rows: number;
}

/**
 * Reads the host's tensor after refusing what cannot be marked in place.
 *
 * @throws TokenmarkError `bad-logits` (not float32), `unsupported-host` (not one row of scores a row of ids),
 * `vocabulary-mismatch` (not the width that the mark was made for).
 */
export function readHostScores(inputIds: HostIds, logits: HostLogits, vocabularySize?: number): HostScores {
  const { type, dims, data } = logits;
  // By tag: a tensor made in another realm (a worker, a test sandbox) is not an instance of this one's Float32Array.
  if (type !== "float32" || Object.prototype.toString.call(data) !== "[object Float32Array]") {
    throw new TokenmarkError("bad-logits", `logits: wanted a float32 tensor that can be written in place, got ${type}`);
  }
  const values = data as Float32Array;
  const rows = inputIds.length;
  const width = dims.at(-1) ?? 0;
  if (width === 0 || dims[0] !== rows || values.length !== rows * width) {
    throw new TokenmarkError(
      "unsupported-host",
      `logits: wanted dims [${rows}, vocabulary] for ${rows} rows of ids, got [${dims.join(", ")}]`,
    );
  }
  if (vocabularySize !== undefined && width !== vocabularySize) {
    throw new TokenmarkError(
      "vocabulary-mismatch",
      `logits: wanted the profile's vocabulary of ${vocabularySize}, got a model with ${width}`,
    );
  }
  return { data: values, width, rows };
}
