import { wholeLength } from "./whole-length.ts";

/** What one token does to the text. */
export interface TextStep {
  /** Bytes that are sent now, and that the token's probability entry names; `null`: no entry and no stream event. */
  readonly sent: string | null;
}

/**
 * The text of one sequence as llama-server builds it (llama.cpp, tools/server/server-context.cpp, `process_token`). Bytes wait while
 * a character is unfinished, and get no probability entry; the token that finishes it gets an entry that names all bytes since.
 * Bytes that may begin a stop word are held back too, in an entry with no bytes. A stop word cuts the text inside a token.
 */
export class LlamaText {
  /** Bytes so far, the stop word cut off. */
  bytes = "";
  /** The stop word that was found, or "". */
  stoppingWord = "";
  hasNewLine = false;
  #sent = 0;
  readonly #stop: readonly string[];

  /** `stop` as byte strings. */
  constructor(stop: readonly string[]) {
    this.#stop = stop;
  }

  push(piece: string, isEnd: boolean): TextStep {
    this.bytes += piece;
    if (wholeLength(this.bytes) < this.bytes.length) return { sent: null };
    let from = Math.min(this.#sent, this.bytes.length);
    const unsent = this.bytes.slice(from);
    const full = this.#findFull(unsent, piece.length);
    if (full !== null) {
      this.stoppingWord = full.word;
      this.bytes = this.bytes.slice(0, from + full.at);
      from = Math.min(this.#sent, this.bytes.length);
    } else if (!isEnd && this.#mayBegin(unsent)) {
      return { sent: "" };
    }
    const sent = this.bytes.slice(from);
    this.#sent += sent.length;
    if (sent.includes("\n")) this.hasNewLine = true;
    return { sent };
  }

  #findFull(text: string, lastPiece: number): { at: number; word: string } | null {
    let found: { at: number; word: string } | null = null;
    for (const word of this.#stop) {
      const at = text.indexOf(word, Math.max(0, text.length - word.length - lastPiece));
      if (at >= 0 && (found === null || at < found.at)) found = { at, word };
    }
    return found;
  }

  #mayBegin(text: string): boolean {
    return this.#stop.some((word) => {
      for (let length = Math.min(word.length, text.length); length > 0; length--)
        if (text.endsWith(word.slice(0, length))) return true;
      return false;
    });
  }
}
