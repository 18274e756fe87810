import type { TokenSequence } from "@tokenmark/core";
import { type Int64, int64, int64Value, setInteger } from "../../generators/int64.ts";
import type { CudaDevice } from "../../generators/torch/cuda-randint.ts";
import { accumulate, MULTIPLIER_LOW16 } from "./accumulate-hash.ts";
import type { GValues } from "./g-values.ts";
import { popcount } from "./popcount.ts";
import { samplingTable } from "./sampling-table.ts";

/** What the g-values of a table depend on. */
export interface TableSetting {
  /** Signed 64-bit keys, one a layer, 1 to 32. */
  readonly keys: readonly bigint[];
  readonly tableSize: number;
  readonly tableSeed: bigint;
  /** The GPU that drew the table. @defaultValue null: the CPU */
  readonly device?: CudaDevice | null;
}

const TABLE_SIZE_16 = 65_536;

/**
 * g-values of Hugging Face transformers and of synthid-text 0.2.1: a table entry for each layer, the index being the n-gram's hash with the
 * layer's key folded in, modulo the table's size.
 *
 * With 65,536 entries only the low 16 bits of tokens, keys and hashes matter, since sums and products never carry downwards: the
 * g-values of all layers are one lookup of a mask by 16 bits. Since the hash takes the token as a summand, so do the masks, and those of a
 * whole vocabulary are one table, turned by the context, over and over.
 *
 * @param masks - {@link tableMasks} of the same setting, if they are at hand.
 */
export function tableGValues(setting: TableSetting, masks?: Int32Array): GValues {
  const plain = plainTableGValues(setting);
  return setting.tableSize === TABLE_SIZE_16 ? fastTableGValues(masks ?? tableMasks(setting), plain) : plain;
}

/** Any table size, hash by hash in 64 bits. */
export function plainTableGValues({ keys, tableSize, tableSeed, device }: TableSetting): GValues {
  const table = samplingTable(tableSize, tableSeed, device);
  const layers = keys.map((key) => int64(key));
  const context = int64();
  const ngram = int64();
  const layer = int64();
  const data = int64();

  function complete(token: number): void {
    copy(ngram, context);
    setInteger(data, token);
    accumulate(ngram, data);
  }
  function word(token: number): number {
    complete(token);
    let bits = 0;
    for (let l = 0; l < layers.length; l++) {
      copy(layer, ngram);
      accumulate(layer, layers[l]!);
      bits |= table[floorIndex(layer, tableSize)]! << l;
    }
    return bits;
  }
  return Object.freeze({
    depth: keys.length,
    period: Number.POSITIVE_INFINITY,
    load(tokens: TokenSequence, from: number, count: number): void {
      setInteger(context, 1);
      for (let i = from; i < from + count; i++) {
        setInteger(data, tokens[i]!);
        accumulate(context, data);
      }
    },
    word,
    words(into: Int32Array, candidates: TokenSequence | undefined, n: number): void {
      for (let i = 0; i < n; i++) into[i] = word(candidates === undefined ? i : candidates[i]!);
    },
    contextHash(into: Uint32Array): void {
      into[0] = context.lo;
      into[1] = context.hi;
    },
    identity(token: number, into: Uint32Array, at: number): void {
      complete(token);
      into[at] = ngram.lo;
      into[at + 1] = ngram.hi;
    },
    layerKeys(token: number): readonly bigint[] {
      complete(token);
      return layers.map((key) => {
        copy(layer, ngram);
        accumulate(layer, key);
        return int64Value(layer);
      });
    },
  });
}

/** Entry `s` holds the g-values of all n-grams whose hash of the context, with the last token added, ends in these 16 bits. */
export function tableMasks({ keys, tableSeed, device }: TableSetting): Int32Array {
  const table = samplingTable(TABLE_SIZE_16, tableSeed, device);
  // The entry that a sum of hash and key leads to, so that a layer is this table turned by its key.
  const turned = new Uint8Array(TABLE_SIZE_16);
  for (let sum = 0; sum < TABLE_SIZE_16; sum++) turned[sum] = table[next16(sum)]!;
  const byHash = new Int32Array(TABLE_SIZE_16);
  keys.forEach((key, l) => {
    setLayer(byHash, turned, Number(BigInt.asUintN(16, key)), l);
  });
  const masks = new Int32Array(TABLE_SIZE_16);
  for (let sum = 0; sum < TABLE_SIZE_16; sum++) masks[sum] = byHash[next16(sum)]!;
  return masks;
}

function setLayer(masks: Int32Array, turned: Uint8Array, key: number, layer: number): void {
  for (let hash = 0; hash < TABLE_SIZE_16; hash++) {
    masks[hash] = masks[hash]! | (turned[(hash + key) & 0xffff]! << layer);
  }
}

function onesOf(masks: Int32Array): Uint8Array {
  const ones = new Uint8Array(masks.length);
  for (let i = 0; i < masks.length; i++) ones[i] = popcount(masks[i]!);
  return ones;
}

function fastTableGValues(masks: Int32Array, plain: GValues): GValues {
  const ones = onesOf(masks);
  let context = 0;
  let loaded: { readonly tokens: TokenSequence; readonly from: number; readonly count: number } | null = null;
  const window = { tokens: [] as TokenSequence, from: 0, count: 0 };
  /** The 64-bit path is needed for repeats and for printing only. */
  function loadPlain(): GValues {
    if (loaded !== null) plain.load(loaded.tokens, loaded.from, loaded.count);
    loaded = null;
    return plain;
  }
  return Object.freeze({
    depth: plain.depth,
    period: TABLE_SIZE_16,
    load(tokens: TokenSequence, from: number, count: number): void {
      context = hash16(tokens, from, count);
      window.tokens = tokens;
      window.from = from;
      window.count = count;
      loaded = window;
    },
    word: (token: number) => masks[(context + token) & 0xffff]!,
    words(into: Int32Array, candidates: TokenSequence | undefined, n: number): void {
      if (candidates === undefined) turn(into, masks, context, n);
      else lookUp(into, masks, context, candidates, n);
    },
    contextHash: (into: Uint32Array) => loadPlain().contextHash(into),
    identity(token: number, into: Uint32Array, at: number): void {
      into[at] = next16(context + token);
      into[at + 1] = 0;
    },
    onesRun(
      tokens: TokenSequence,
      from: number,
      count: number,
      out: Float64Array,
      units: Uint32Array,
      at: number,
    ): void {
      for (let i = from, to = at; i < tokens.length; i++, to++) {
        const sum = hash16(tokens, i - count, count) + tokens[i]!;
        out[to] = ones[sum & 0xffff]!;
        units[2 * to] = next16(sum);
        units[2 * to + 1] = 0;
      }
    },
    layerKeys: (token: number) => loadPlain().layerKeys(token),
  });
}

function next16(value: number): number {
  return (Math.imul(value, MULTIPLIER_LOW16) + 1) & 0xffff;
}

/** Low 16 bits of a context's hash. */
function hash16(tokens: TokenSequence, from: number, count: number): number {
  let hash = 1;
  for (let i = from; i < from + count; i++) hash = next16(hash + tokens[i]!);
  return hash;
}

/** The masks of ids 0 … n − 1: the table from the context's entry on, around and around. */
function turn(into: Int32Array, masks: Int32Array, context: number, n: number): void {
  for (let at = 0, from = context; at < n; from = 0) {
    const part = masks.subarray(from, Math.min(TABLE_SIZE_16, from + n - at));
    into.set(part, at);
    at += part.length;
  }
}

function lookUp(into: Int32Array, masks: Int32Array, context: number, candidates: TokenSequence, n: number): void {
  for (let i = 0; i < n; i++) into[i] = masks[(context + candidates[i]!) & 0xffff]!;
}

function copy(into: Int64, from: Int64): void {
  into.hi = from.hi;
  into.lo = from.lo;
}

/** Remainder of the signed value, never negative, for tables of up to 2^24 entries. */
function floorIndex({ hi, lo }: Int64, size: number): number {
  // 2^32 in two steps, so that every product stays below 2^53.
  const step = 65_536 % size;
  const shifted = ((((hi % size) * step) % size) * step) % size;
  const rest = (shifted + (lo % size)) % size;
  return rest < 0 ? rest + size : rest;
}
