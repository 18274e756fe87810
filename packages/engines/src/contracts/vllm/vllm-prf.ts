import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { TokenSequence } from "@tokenmark/core";
import { philox4x32 } from "../../generators/philox.ts";

/** A 32-bit word for every candidate after a context: load the context, then ask. */
export interface VllmPrf {
  /** −1 stands for a place before the first token. */
  load(tokens: TokenSequence, from: number, count: number): void;
  word(token: number): number;
  /** What all words of the loaded context depend on, as two words at `at`. */
  identity(into: Uint32Array, at: number): void;
}

const CONTEXT_TAG = 0x574d4358;
const TOKEN_TAG = 0x574d544b;

/** Low and high word of an unsigned 64-bit integer. */
export function halves(value: bigint): readonly [low: number, high: number] {
  return [Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn)];
}

/** The 128-bit state of a context under a key: its ids in blocks of four, the width hashed along. */
export function foldContext(
  [k0, k1]: readonly [number, number],
  tokens: TokenSequence,
  from: number,
  width: number,
  state: Uint32Array,
): void {
  state[0] = CONTEXT_TAG;
  state[1] = width;
  state[2] = 0;
  state[3] = 0;
  for (let offset = 0; offset < width; offset += 4) {
    for (let i = 0; i < 4; i++) {
      const at = offset + i;
      state[i] = state[i]! ^ (at < width ? tokens[from + at]! : ~i);
    }
    philox4x32(state[0]!, state[1]!, state[2]!, state[3]!, k0 ^ offset, k1, state);
  }
}

/** vLLM's PRF `philox4x32-10-v1` (PR 54053): four candidates share a block. */
export function philoxPrf(key: bigint, stream = 0n): VllmPrf & { readonly state: Uint32Array } {
  const words = halves(key);
  const [s0, s1] = halves(stream);
  const state = new Uint32Array(4);
  const block = new Uint32Array(4);
  let loaded = -1;
  return Object.freeze({
    state,
    load(tokens: TokenSequence, from: number, count: number): void {
      foldContext(words, tokens, from, count, state);
      loaded = -1;
    },
    word(token: number): number {
      const number = token >>> 2;
      if (number !== loaded) {
        const [k0, k1] = [words[0] ^ state[3]! ^ s1, words[1] ^ TOKEN_TAG ^ s0];
        philox4x32(number, state[0]!, state[1]!, state[2]!, k0, k1, block);
        loaded = number;
      }
      return block[token & 3]!;
    },
    identity(into: Uint32Array, at: number): void {
      into[at] = state[0]! ^ state[2]!;
      into[at + 1] = state[1]! ^ state[3]!;
    },
  });
}

/** The mapping of an early head of PR 54053: the whole candidate is the first counter word, the first output word is taken. */
export function premergePrf(key: bigint): VllmPrf {
  const prf = philoxPrf(key);
  const words = halves(key);
  const block = new Uint32Array(4);
  return Object.freeze({
    load: prf.load,
    word(token: number): number {
      const { state } = prf;
      philox4x32(token, state[0]!, state[1]!, state[2]!, words[0] ^ state[3]!, words[1] ^ TOKEN_TAG, block);
      return block[0]!;
    },
    identity: prf.identity,
  });
}

const HMAC_TAG = concatBytes(utf8ToBytes("vllm-watermark-hmac-sha256-v1"), Uint8Array.of(0));

/** The PRF `hmac_sha256` of early heads of PR 54053, removed before the merge. */
export function hmacPrf(key: bigint): VllmPrf {
  const secret = new Uint8Array(32);
  for (let i = 0; i < 32; i++) secret[i] = Number((key >> BigInt(8 * i)) & 0xffn);
  let message = new Uint8Array(0);
  let view = new DataView(message.buffer);
  return Object.freeze({
    load(tokens: TokenSequence, from: number, count: number): void {
      message = new Uint8Array(HMAC_TAG.length + 4 + 8 * (count + 1));
      message.set(HMAC_TAG);
      view = new DataView(message.buffer, HMAC_TAG.length);
      view.setUint32(0, count, true);
      for (let i = 0; i < count; i++) setInt64(view, 4 + 8 * i, tokens[from + i]!);
    },
    word(token: number): number {
      setInt64(view, view.byteLength - 8, token);
      return new DataView(hmac(sha256, secret, message).buffer).getUint32(0, true);
    },
    identity(into: Uint32Array, at: number): void {
      setInt64(view, view.byteLength - 8, -1);
      const digest = new DataView(sha256(message).buffer);
      into[at] = digest.getUint32(0);
      into[at + 1] = digest.getUint32(4);
    },
  });
}

function setInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, value, true);
  view.setInt32(at + 4, value < 0 ? -1 : 0, true);
}

/** u of a word: 24 bits, (m + 1)/(2^24 + 1) as float32, in (0, 1). */
export function vllmUniform(word: number): number {
  return Math.fround(((word >>> 8) + 1) / (2 ** 24 + 1));
}

/** Evidence of a chosen token: −ln(1 − u), at most 16.64. */
export function vllmScore(word: number): number {
  return -Math.log1p(-vllmUniform(word));
}

/** The two keys of a master key: SHA-256 over "key_a" or "key_b" and its eight bytes, big-endian. */
export function deriveKeys(master: bigint): readonly [a: bigint, b: bigint] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, master);
  const derive = (label: string): bigint =>
    new DataView(sha256(concatBytes(utf8ToBytes(label), bytes)).buffer).getBigUint64(0);
  return [derive("key_a"), derive("key_b")];
}
