import { type TokenId, TokenmarkError, type TokenSequence } from "@tokenmark/core";

/** One answer of the teacher, as the teacher's log has it: the ids that it was asked with and those that it wrote. */
export interface Transcript {
  readonly prompt: TokenSequence;
  readonly tokens: TokenSequence;
  /** The prompt as text, where closed mode asks with it. */
  readonly promptText?: string;
}

/** Prompt and answer in one array. */
export function joinTranscript({ prompt, tokens }: Transcript): Int32Array {
  const joined = new Int32Array(prompt.length + tokens.length);
  joined.set(prompt);
  joined.set(tokens, prompt.length);
  return joined;
}

/**
 * Refuses what is no list of transcripts.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function checkTranscripts(what: string, transcripts: readonly Transcript[]): void {
  if (transcripts.length === 0) {
    throw new TokenmarkError("bad-argument", `${what}: wanted at least one transcript, got none`);
  }
  transcripts.forEach(({ prompt, tokens }, row) => {
    for (const part of [prompt, tokens]) {
      for (let i = 0; i < part.length; i++) {
        if (isToken(part[i])) continue;
        throw new TokenmarkError("bad-argument", `${what}[${row}]: wanted token ids, got ${String(part[i])} at ${i}`);
      }
    }
  });
}

const isToken = (value: unknown): value is TokenId => Number.isInteger(value) && (value as number) >= 0;
