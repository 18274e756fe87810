import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, randomBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { TokenmarkError } from "./errors.ts";
import { checkInteger, show } from "./validate.ts";

const KEY_BYTES = 32;
const SALT: Uint8Array = utf8ToBytes("tokenmark/v1");

/** What a derived value is for. The purpose leads the HKDF info, so that no label of one purpose can meet one of another. */
type Purpose = "id" | "derive" | "bytes" | "scheme" | "engine-id";

/** The secret parameters of another engine's mark under the engine's own names, 64-bit integers as decimal strings. */
export type EngineSecret = Readonly<Record<string, string | readonly string[]>>;

function expand(secret: Uint8Array, purpose: Purpose, label: string, length: number): Uint8Array {
  return hkdf(sha256, secret, SALT, utf8ToBytes(`${purpose}/${label}`), length);
}

function checkLabel(label: unknown): void {
  if (typeof label !== "string" || label.length === 0) {
    throw new TokenmarkError("bad-argument", `label: wanted a non-empty string, got ${show(label)}`);
  }
  // A lone surrogate has no UTF-8: all of them would become the same label.
  if (/\p{Surrogate}/u.test(label)) {
    throw new TokenmarkError("bad-argument", "label: wanted well-formed Unicode, got a lone surrogate");
  }
}

let secretOf: (key: Key) => Uint8Array;

/** One text for one secret: names in order, nothing but strings. */
function canonical(secret: EngineSecret): string {
  const names = Object.keys(secret).sort();
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, secret[name]])));
}

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
  static {
    secretOf = (key) => {
      if (key.#engine === null) return key.#secret;
      throw new TokenmarkError("bad-key", "key: wanted a Tokenmark key of 256 bits, got the key of another engine");
    };
  }

  readonly #secret: Uint8Array;
  readonly #engine: EngineSecret | null;
  /** 16 hex digits that name the key in public: 64 bits derived one-way from the secret. */
  readonly id: string;

  private constructor(secret: Uint8Array, engine: EngineSecret | null = null) {
    this.#secret = secret;
    this.#engine = engine;
    this.id = bytesToHex(expand(secret, engine === null ? "id" : "engine-id", "", 8));
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

  /**
   * The key of another engine's mark, in that engine's own form. `@tokenmark/engines` checks and makes these (`engineKey`).
   * Its id is as easy to search as the engine's key space is small.
   */
  static fromEngine(secret: EngineSecret): Key {
    const text = canonical(secret);
    return new Key(utf8ToBytes(text), Object.freeze(JSON.parse(text)));
  }

  /**
   * What {@link fromEngine} was given.
   * @throws TokenmarkError `bad-key` if this is a key of our own.
   */
  engineSecret(): EngineSecret {
    if (this.#engine !== null) return this.#engine;
    throw new TokenmarkError("bad-key", "key: wanted the key of another engine, got a Tokenmark key");
  }

  /**
   * An independent key for a purpose, tenant or epoch. Same label, same key; the master cannot be computed back.
   * @throws TokenmarkError `bad-argument` for a label that is empty or not well-formed Unicode.
   */
  derive(label: string): Key {
    checkLabel(label);
    return new Key(expand(secretOf(this), "derive", label, KEY_BYTES));
  }

  /**
   * `length` secret bytes (1 to 8,160) for a labelled purpose of your own, such as a scheme made with `defineScheme`. They meet no
   * id, derived key or built-in scheme; of two lengths under one label the longer begins with the shorter.
   * @throws TokenmarkError `bad-argument`.
   */
  bytes(label: string, length: number): Uint8Array {
    checkLabel(label);
    checkInteger("length", length, 1, 255 * 32);
    return expand(secretOf(this), "bytes", label, length);
  }

  /** The secret itself, for writing a key file. Whoever holds it can forge and remove the mark. */
  exportHex(): string {
    return bytesToHex(secretOf(this));
  }

  toString(): string {
    return `Key(${this.id})`;
  }

  toJSON(): { readonly keyId: string } {
    return { keyId: this.id };
  }
}

/**
 * The 128-bit subkey of a built-in scheme; its label names scheme, version of the mapping and every parameter that the mark
 * depends on, so that marks of other parameters are independent.
 *
 * @throws TokenmarkError `bad-key` if `key` is no Key.
 */
export function schemeSubkey(key: Key, label: string): Uint8Array {
  if (!(key instanceof Key))
    throw new TokenmarkError("bad-key", `key: wanted a Key, got ${typeof key === "string" ? "a string" : show(key)}`);
  return expand(secretOf(key), "scheme", label, 16);
}
