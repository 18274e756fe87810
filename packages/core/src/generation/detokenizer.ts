import type { Detokenizer, TokenId, TokenSequence } from "../types.ts";

const SPACE = 0x20;

/** What the tokens of a byte tokenizer spell. */
export interface TokenBytes {
  /** UTF-8 bytes of a token; none for special tokens. A character may be spread over several tokens. */
  readonly bytes: (token: TokenId) => Uint8Array;
  /** True if a text's first space is no part of it (SentencePiece's dummy prefix). @defaultValue false */
  readonly dropsFirstSpace?: boolean;
}

/** For tokens that stand for bytes: a character is given out when its last byte is there. */
export function createByteDetokenizer(spelling: TokenBytes): Detokenizer {
  const { bytes: bytesOf, dropsFirstSpace = false } = spelling;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let atStart = dropsFirstSpace;
  return {
    push(token: TokenId): string {
      let bytes = bytesOf(token);
      if (bytes.length === 0) return "";
      if (atStart && bytes[0] === SPACE) bytes = bytes.subarray(1);
      atStart = false;
      return decoder.decode(bytes, { stream: true });
    },
    flush: () => decoder.decode(),
  };
}

/**
 * For any other tokenizer: decodes everything anew and holds back an unfinished character. Where a token changes what was given out before
 * (a decoder that cleans up takes the space in front of a full stop back), only what follows the change is given: nothing is lost.
 *
 * @param decode Text of a whole sequence, unfinished characters as U+FFFD.
 */
export function createDecodingDetokenizer(decode: (tokens: TokenSequence) => string): Detokenizer {
  const tokens: TokenId[] = [];
  let given = "";
  function rest(text: string): string {
    let same = 0;
    if (text.startsWith(given)) same = given.length;
    else while (same < text.length && text[same] === given[same]) same++;
    given = text;
    return text.slice(same);
  }
  return {
    push(token: TokenId): string {
      tokens.push(token);
      const text = decode(tokens);
      return text.endsWith("\uFFFD") ? "" : rest(text);
    },
    flush: () => (tokens.length === 0 ? "" : rest(decode(tokens))),
  };
}
