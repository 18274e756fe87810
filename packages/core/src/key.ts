import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, randomBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { TokenmarkError } from "./errors.ts";
import { checkInteger, show } from "./validate.ts";

const KEY_BYTES = 32;
const SALT: Uint8Array = utf8ToBytes("tokenmark/v1");

/**
 * A 256-bit watermark secret.
 *
 * A class only so that the secret can hide: it is a private field, and every way of printing the object (`toString`,
 * `JSON.stringify`, `util.inspect`, template strings) shows the public id alone. Subkeys come by HKDF-SHA-256
 * (Krawczyk and Eronen, RFC 5869), one label a purpose, so that learning one tells nothing about another.
 *
 * @example
 * const master = Key.random();
 * const tenant = master.derive("tenant/acme/epoch/2026-11");
 */
export class Key {
  readonly #secret: Uint8Array;
  /** 16 hex digits that name the key in public: 64 bits derived one-way from the secret. */
  readonly id: string;

  private constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.id = bytesToHex(hkdf(sha256, secret, SALT, utf8ToBytes("key-id"), 8));
    Object.freeze(this);
  }

  /** A new key from the platform's cryptographic generator. */
  static random(): Key {
    return new Key(randomBytes(KEY_BYTES));
  }

  /**
   * The key that {@link exportHex} wrote: 64 hex digits, surrounding white space ignored.
   * @throws TokenmarkError `bad-key`; the message states the length only, never the text.
   */
  static fromHex(hex: string): Key {
    if (typeof hex !== "string")
      throw new TokenmarkError("bad-key", `key: wanted 64 hex digits, got ${show(typeof hex)}`);
    const text = hex.trim();
    if (text.length !== 2 * KEY_BYTES) {
      throw new TokenmarkError("bad-key", `key: wanted 64 hex digits (256 bits), got ${text.length} characters`);
    }
    if (!/^[0-9a-fA-F]+$/.test(text)) {
      throw new TokenmarkError(
        "bad-key",
        "key: wanted 64 hex digits (256 bits), got characters that are no hex digits",
      );
    }
    return new Key(hexToBytes(text));
  }

  /** An independent key for a purpose, tenant or epoch. Same label, same key; the master cannot be computed back. */
  derive(label: string): Key {
    return new Key(this.bytes(`derive/${label}`, KEY_BYTES));
  }

  /** `length` secret bytes (1 to 8,160) for a labelled purpose. */
  bytes(label: string, length: number): Uint8Array {
    if (typeof label !== "string" || label.length === 0) {
      throw new TokenmarkError("bad-argument", `label: wanted a non-empty string, got ${show(label)}`);
    }
    checkInteger("length", length, 1, 255 * 32);
    return hkdf(sha256, this.#secret, SALT, utf8ToBytes(label), length);
  }

  /** The secret itself, for writing a key file. Whoever holds it can forge and remove the mark. */
  exportHex(): string {
    return bytesToHex(this.#secret);
  }

  toString(): string {
    return `Key(${this.id})`;
  }

  toJSON(): { readonly keyId: string } {
    return { keyId: this.id };
  }
}
