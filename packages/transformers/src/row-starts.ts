import { TokenmarkError } from "@tokenmark/core";
import type { HostIds } from "./host.ts";

/** How the rows of a batch are padded on the left; the first that is given counts. */
export interface PaddingOptions {
  /** The tokenizer's mask (tensor or nested arrays): exact. */
  readonly attentionMask?:
    | { readonly dims: readonly number[]; readonly data: ArrayLike<bigint | number> }
    | readonly ArrayLike<bigint | number>[];
  /** Tokens of each row's prompt, padding not counted: exact. */
  readonly promptLengths?: readonly number[];
  /** The padding id; leading ones are padding. null: no row is padded. */
  readonly padTokenId?: number | null;
}

type Mask = NonNullable<PaddingOptions["attentionMask"]>;

function maskedStart(mask: Mask, row: number): number {
  const nested = mask as readonly ArrayLike<bigint | number>[];
  const flat = mask as Exclude<Mask, readonly unknown[]>;
  const [values, from, width] = Array.isArray(mask)
    ? [nested[row] ?? [], 0, nested[row]?.length ?? 0]
    : [flat.data, row * (flat.dims[1] ?? 0), flat.dims[1] ?? 0];
  let start = 0;
  while (start < width && Number(values[from + start]) === 0) start++;
  return start;
}

function leading(ids: readonly bigint[], id: bigint | undefined): number {
  let count = 0;
  while (count < ids.length && ids[count] === id) count++;
  return count;
}

/**
 * Padding that nobody named. In a left-padded batch a row begins with a run of one id and some other row begins with something
 * else. A run of one is padding only if the same id pads another row, or if an unpadded row begins with what follows it (the
 * begin token).
 */
function guessStarts(inputIds: HostIds): number[] {
  const firsts = new Set(inputIds.map((ids) => ids[0]));
  if (firsts.size < 2) return inputIds.map(() => 0);
  const runs = inputIds.map((ids) => leading(ids, ids[0]));
  const pads = new Set(inputIds.filter((_, row) => runs[row]! > 1).map((ids) => ids[0]));
  return inputIds.map((ids, row) => {
    const run = runs[row]!;
    if (run === ids.length) return 0;
    return pads.has(ids[0]) || (firsts.has(ids[run]) && ids[run] !== ids[0]) ? run : 0;
  });
}

/**
 * Where each row's own tokens begin, from the ids of a generation's first step.
 *
 * With no option a single row is taken as unpadded and a batch's padding is guessed (see {@link guessStarts}); a wrong guess
 * concerns prompts shorter than the scheme's context only.
 *
 * @throws TokenmarkError `bad-argument` if an option does not fit the batch.
 */
export function rowStarts(inputIds: HostIds, options: PaddingOptions): number[] {
  const { attentionMask, promptLengths, padTokenId } = options;
  if (attentionMask !== undefined) return inputIds.map((_, row) => maskedStart(attentionMask, row));
  if (promptLengths !== undefined) {
    return inputIds.map((ids, row) => {
      const length = promptLengths[row];
      if (length === undefined || !Number.isInteger(length) || length < 0 || length > ids.length) {
        throw new TokenmarkError(
          "bad-argument",
          `promptLengths[${row}]: wanted an integer from 0 to ${ids.length}, got ${length}`,
        );
      }
      return ids.length - length;
    });
  }
  if (padTokenId === null || (padTokenId === undefined && inputIds.length < 2)) return inputIds.map(() => 0);
  if (padTokenId === undefined) return guessStarts(inputIds);
  return inputIds.map((ids) => leading(ids, BigInt(padTokenId)));
}
