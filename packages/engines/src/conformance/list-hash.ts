import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** SHA-256 in hexadecimal over integers as 8-byte little-endian words, in list order: `sha256_int64le` of the golden files. */
export function int64Hash(values: ArrayLike<number>): string {
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  for (let i = 0; i < values.length; i++) bytes.setBigInt64(8 * i, BigInt(values[i]!), true);
  return bytesToHex(sha256(new Uint8Array(bytes.buffer)));
}
