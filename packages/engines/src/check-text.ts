import { TokenmarkError, type TokenSequence } from "@tokenmark/core";

const MOST_ID = 0x7fffffff;

/** @throws TokenmarkError `bad-argument` for the first entry of a text or its prompt that is no token id. */
export function checkText(text: { readonly tokens: TokenSequence; readonly prompt: TokenSequence | null }): void {
  const { tokens, prompt } = text;
  checkIds("tokens", tokens);
  if (prompt !== null) checkIds("prompt", prompt);
}

function checkIds(name: string, tokens: TokenSequence): void {
  for (let i = 0; i < tokens.length; i++) {
    const token: unknown = tokens[i];
    if (typeof token === "number" && (token & MOST_ID) === token) continue;
    const got = typeof token === "number" ? String(token) : `a ${typeof token}`;
    throw new TokenmarkError("bad-argument", `${name}[${i}]: wanted a token id from 0 to ${MOST_ID}, got ${got}`);
  }
}
