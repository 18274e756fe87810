import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawOne, drawSome, shareOf } from "./draws.ts";

/** Marks that may stand for one another; any other mark can only be dropped. */
const ALIKE: readonly string[] = [
  ".!?",
  ",;:",
  "-–—",
  '"“”„«»',
  "'‘’",
  "()[]",
  "。！？",
  "，、；：",
  "؟!.",
  "،؛:",
  "।॥",
];

const OTHERS: ReadonlyMap<string, readonly string[]> = new Map(
  ALIKE.toReversed().flatMap((group) =>
    Array.from(group, (mark) => [mark, Array.from(group).filter((other) => other !== mark)] as const),
  ),
);

const PUNCTUATION = /^\p{P}$/u;

/** Drops punctuation marks, or puts another of the same use in their place, as likely each. */
export const changePunctuation: Attack = defineTextAttack({
  name: "punctuation",
  summary: "Punctuation marks are dropped or replaced by others of the same use.",
  strengthMeans: "punctuation marks changed",
  prepare: (strength) => (text, random) => {
    const characters = Array.from(text);
    const places = characters.flatMap((character, i) => (PUNCTUATION.test(character) ? [i] : []));
    for (const place of drawSome(places, shareOf(strength, places.length), random)) {
      const others = OTHERS.get(characters[place]!) ?? [];
      characters[place] = others.length === 0 || random() < 0.5 ? "" : drawOne(others, random);
    }
    return characters.join("");
  },
});
