import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** SHA-256 in hexadecimal over numbers as 4-byte little-endian floats: `sha256_float32le` of the golden files. */
export function float32Hash(values: ArrayLike<number>): string {
  const bytes = new DataView(new ArrayBuffer(4 * values.length));
  for (let i = 0; i < values.length; i++) bytes.setFloat32(4 * i, values[i]!, true);
  return bytesToHex(sha256(new Uint8Array(bytes.buffer)));
}
