import { sha256 } from "@noble/hashes/sha2.js";
import type { TokenSequence } from "@tokenmark/core";
import { type Int64, int64, int64Value, setInteger } from "../../generators/int64.ts";
import { accumulate } from "./accumulate-hash.ts";
import type { GValues } from "./g-values.ts";

/** Rounds that stir a layer's key. */
const ROUNDS = 12;
const SHIFT = 5;
/** The bit that becomes the g-value. */
const G_BIT = 30;

/** The start value of the hash: SHA-256 of the keys as little-endian 64-bit words, read big-endian, modulo 2^63 − 1. */
export function hashIv(keys: readonly bigint[]): bigint {
  const bytes = new DataView(new ArrayBuffer(8 * keys.length));
  keys.forEach((key, i) => {
    bytes.setBigInt64(8 * i, key, true);
  });
  const digest = sha256(new Uint8Array(bytes.buffer));
  return digest.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) % (2n ** 63n - 1n);
}

/**
 * g-values of synthid-text's main branch (addb4a158143): a start value of the keys, and twelve rounds of hash and shift instead of a table.
 *
 * @param start - {@link hashIv} of all keys, where these are only a part of them.
 */
export function mainGValues(keys: readonly bigint[], start: bigint = hashIv(keys)): GValues {
  const iv = int64(start);
  const layers = keys.map((key) => int64(key));
  const context = int64();
  const ngram = int64();
  const layer = int64();
  const data = int64();
  const one = int64(1n);

  function complete(token: number): void {
    copy(ngram, context);
    setInteger(data, token);
    accumulate(ngram, data);
  }
  function gValue(key: Int64): number {
    copy(layer, ngram);
    accumulate(layer, key);
    for (let round = 0; round < ROUNDS; round++) {
      accumulate(layer, one);
      layer.lo = ((layer.lo >>> SHIFT) | (layer.hi << (32 - SHIFT))) >>> 0;
      layer.hi >>= SHIFT;
    }
    return (layer.lo >>> G_BIT) & 1;
  }
  function word(token: number): number {
    complete(token);
    let bits = 0;
    for (let l = 0; l < layers.length; l++) bits |= gValue(layers[l]!) << l;
    return bits;
  }
  return Object.freeze({
    depth: keys.length,
    period: Number.POSITIVE_INFINITY,
    load(tokens: TokenSequence, from: number, count: number): void {
      copy(context, iv);
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

function copy(into: Int64, from: Int64): void {
  into.hi = from.hi;
  into.lo = from.lo;
}
