import { createByteDetokenizer, type Detokenizer, type TokenId, TokenmarkError } from "@tokenmark/core";

/** What a server's answers have told of its tokens' bytes. */
export interface TokenSpelling {
  /** `bytes` as the server wrote them; anything but an array of bytes is ignored. */
  learn(token: TokenId, bytes: unknown): void;
  /** A token that is plain printable text of its own, if one has been seen. */
  readonly asciiToken: TokenId | null;
  createDetokenizer(): Detokenizer;
}

const isByte = (value: unknown): boolean => typeof value === "number" && (value & 255) === value;
const isLetter = (byte: number): boolean => (byte | 32) >= 97 && (byte | 32) <= 122;

/** Remembers the bytes of every token that was a candidate; there are no more than the vocabulary has. */
export function createTokenSpelling(server: string): TokenSpelling {
  const known = new Map<TokenId, Uint8Array>();
  let asciiToken: TokenId | null = null;
  return {
    learn(token: TokenId, bytes: unknown): void {
      if (known.has(token) || !Array.isArray(bytes) || !bytes.every(isByte)) return;
      known.set(token, Uint8Array.from(bytes as number[]));
      if (asciiToken === null && bytes.length > 0 && (bytes as number[]).every(isLetter)) asciiToken = token;
    },
    get asciiToken(): TokenId | null {
      return asciiToken;
    },
    createDetokenizer: () =>
      createByteDetokenizer({
        bytes(token: TokenId): Uint8Array {
          const bytes = known.get(token);
          if (bytes !== undefined) return bytes;
          throw new TokenmarkError("bad-answer", `server ${server}: wanted the bytes of token ${token}, it told none`);
        },
      }),
  };
}
