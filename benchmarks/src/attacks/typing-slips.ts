import { isLetter } from "./graphemes.ts";

const ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"] as const;
/** How far each row of a QWERTY keyboard stands to the right, in keys. */
const SHIFTS = [0, 0.25, 0.75] as const;

const NEIGHBOURS: ReadonlyMap<string, readonly string[]> = neighbourKeys();

/** All results of one kind of slip in a word, given as its graphemes; never the word itself. */
export type TypingSlip = (letters: readonly string[]) => readonly string[];

/** The four kinds of single slips that make up most misspelt words (Damerau 1964). */
export const TYPING_SLIPS: readonly TypingSlip[] = Object.freeze([transposed, dropped, doubled, neighbourHit]);

function transposed(letters: readonly string[]): readonly string[] {
  return places(letters)
    .filter((i) => i > 1 || letters.length < 4)
    .filter((i) => isLetter(letters[i - 1]!) && letters[i] !== letters[i - 1])
    .map((i) => [...letters.slice(0, i - 1), letters[i]!, letters[i - 1]!, ...letters.slice(i + 1)].join(""));
}

function dropped(letters: readonly string[]): readonly string[] {
  return letters.length < 3 ? [] : places(letters).map((i) => letters.toSpliced(i, 1).join(""));
}

function doubled(letters: readonly string[]): readonly string[] {
  return places(letters).map((i) => letters.toSpliced(i, 0, letters[i]!).join(""));
}

function neighbourHit(letters: readonly string[]): readonly string[] {
  return places(letters).flatMap((i) =>
    (NEIGHBOURS.get(letters[i]!) ?? []).map((other) => letters.with(i, other).join("")),
  );
}

/** Where slips happen: at letters, the first of them left out, which is seldom wrong (Pollock and Zamora 1984). */
function places(letters: readonly string[]): readonly number[] {
  return letters.flatMap((letter, i) => (i > 0 && isLetter(letter) ? [i] : []));
}

function neighbourKeys(): ReadonlyMap<string, readonly string[]> {
  const keys = ROWS.flatMap((row, y) => Array.from(row, (key, x) => ({ key, x: x + SHIFTS[y]!, y })));
  return new Map(
    keys.flatMap(({ key, x, y }) => {
      const near = keys
        .filter((other) => other.key !== key && Math.abs(other.y - y) <= 1 && Math.abs(other.x - x) <= 1)
        .map((other) => other.key);
      return [
        [key, near],
        [key.toUpperCase(), near.map((other) => other.toUpperCase())],
      ];
    }),
  );
}
