import type { Attack } from "./attack.ts";
import { changeCase, homoglyph, misspell, punctuation, zeroWidth } from "./letter-attacks.ts";
import { copyPaste, normalize, shuffleSentences } from "./passage-attacks.ts";
import { synonyms } from "./synonyms.ts";
import { deleteWords, insertWords, swapWords, truncate } from "./word-attacks.ts";

/** Attacks that need nothing but the text. */
export const textAttacks: readonly Attack[] = Object.freeze([
  deleteWords,
  insertWords,
  swapWords,
  misspell,
  homoglyph,
  zeroWidth,
  changeCase,
  punctuation,
  synonyms,
  copyPaste(1),
  copyPaste(3),
  copyPaste(5),
  truncate,
  shuffleSentences,
  normalize,
]);
