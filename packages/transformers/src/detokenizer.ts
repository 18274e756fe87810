import type { TokenSequence } from "@tokenmark/core";
import type { TokenSurfaces } from "./token-surfaces.ts";

/** Turns tokens into text one at a time. The pieces, concatenated, are the text; none ends inside a character. */
export interface Detokenizer {
  /** The text that this token completes; "" while a character is unfinished, and for special tokens. */
  push(token: number): string;
  /** What is left: U+FFFD for a character that never ended. */
  flush(): string;
}

const SPACE = 0x20;

/** For tokens that stand for bytes. */
function byteDetokenizer(surfaces: TokenSurfaces): Detokenizer {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let atStart = surfaces.dropsFirstSpace;
  return {
    push(token: number): string {
      if (surfaces.special.has(token)) return "";
      let bytes = surfaces.bytes(token)!;
      if (bytes.length === 0) return "";
      if (atStart && bytes[0] === SPACE) bytes = bytes.subarray(1);
      atStart = false;
      return decoder.decode(bytes, { stream: true });
    },
    flush: () => decoder.decode(),
  };
}

/** For any other tokenizer: decodes everything anew and holds back what the next token may still change. */
function wholeDetokenizer(decode: (tokens: number[]) => string): Detokenizer {
  const tokens: number[] = [];
  let given = "";
  function rest(text: string): string {
    const piece = text.startsWith(given) ? text.slice(given.length) : "";
    given += piece;
    return piece;
  }
  return {
    push(token: number): string {
      tokens.push(token);
      const text = decode(tokens);
      return text.endsWith("\uFFFD") ? "" : rest(text);
    },
    flush: () => (tokens.length === 0 ? "" : rest(decode(tokens))),
  };
}

/**
 * Makes a detokenizer that stands behind `prompt`: its first piece continues the prompt's text, so a leading space that is part
 * of the text is kept.
 */
export function createDetokenizer(
  surfaces: TokenSurfaces | null,
  decode: (tokens: number[]) => string,
  prompt: TokenSequence,
): Detokenizer {
  const detokenizer = surfaces === null ? wholeDetokenizer(decode) : byteDetokenizer(surfaces);
  for (let i = 0; i < prompt.length; i++) detokenizer.push(prompt[i]!);
  return detokenizer;
}
