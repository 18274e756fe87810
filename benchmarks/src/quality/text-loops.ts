import type { TokenSequence } from "@tokenmark/core";

const LONGEST_PERIOD = 32;
const LEAST_TOKENS = 12;
const LEAST_TURNS = 3;

/** Whether a text falls into a loop: somewhere up to 32 tokens come at least three times in a row, over at least 12 tokens. */
export function hasLoop(tokens: TokenSequence): boolean {
  for (let period = 1; period <= LONGEST_PERIOD; period++) {
    const wanted = Math.max(LEAST_TOKENS, LEAST_TURNS * period) - period;
    let same = 0;
    for (let i = period; i < tokens.length; i++) {
      same = tokens[i] === tokens[i - period] ? same + 1 : 0;
      if (same >= wanted) return true;
    }
  }
  return false;
}
