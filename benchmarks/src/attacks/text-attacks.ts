import type { Attack } from "./attack.ts";
import { changeCase } from "./change-case.ts";
import { changePunctuation } from "./change-punctuation.ts";
import { copyPaste } from "./copy-paste.ts";
import { deleteWords } from "./delete-words.ts";
import { homoglyph } from "./homoglyph.ts";
import { insertWords } from "./insert-words.ts";
import { misspell } from "./misspell.ts";
import { normalize } from "./normalize.ts";
import { shuffle } from "./shuffle.ts";
import { swapWords } from "./swap-words.ts";
import { synonyms } from "./synonyms.ts";
import { truncate } from "./truncate.ts";
import { zeroWidth } from "./zero-width.ts";

/** The attacks that need no model: what a program or a person can do to the characters of a text. */
export const textAttacks: readonly Attack[] = Object.freeze([
  deleteWords,
  insertWords,
  swapWords,
  misspell,
  homoglyph,
  zeroWidth,
  changeCase,
  changePunctuation,
  synonyms,
  copyPaste(1),
  copyPaste(3),
  copyPaste(5),
  truncate,
  shuffle,
  normalize,
]);
