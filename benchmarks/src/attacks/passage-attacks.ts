import type { Attack } from "./attack.ts";
import { chooseSome } from "./choose-some.ts";
import { joinParts, sentenceParts } from "./sentence-parts.ts";
import { textAttack } from "./text-attack.ts";
import { joinWords, wordParts } from "./word-parts.ts";

/** Shares of a whole at sorted random cuts: `count` numbers of at least 0 that add up to `total`. */
function cutWhole(total: number, count: number, random: () => number): number[] {
  const cuts = Array.from({ length: count - 1 }, () => Math.floor(random() * (total + 1))).sort((a, b) => a - b);
  return [...cuts, total].map((cut, i) => cut - (i === 0 ? 0 : cuts[i - 1]!));
}

/** Copies pieces of the text into text by people, of which the strength is the share of the result. */
export function copyPaste(pieces: number): Attack {
  return textAttack(
    `copy-paste-${pieces}`,
    pieces === 1 ? "copies the text into text by people" : `copies the text in ${pieces} pieces into text by people`,
    "words by people in the result",
    (text, strength, random, { humanText }) => {
      const { parts } = wordParts(text);
      if (parts.length === 0 || strength === 1)
        return strength === 1 ? humanStretch(humanText, parts.length, random) : text;
      const own = Math.min(pieces, parts.length);
      const around = Math.round((strength * parts.length) / (1 - strength));
      const shares = cutWhole(around, own + 1, random);
      // Pieces as equal as can be: what is studied is how many there are.
      const stretches = Array.from({ length: own }, (_, i) =>
        joinWords(
          parts.slice(Math.floor((i * parts.length) / own), Math.floor(((i + 1) * parts.length) / own)),
          "",
        ).trim(),
      );
      return shares
        .flatMap((words, i) => [humanStretch(humanText, words, random), ...(i < own ? [stretches[i]!] : [])])
        .filter((stretch) => stretch !== "")
        .join(" ");
    },
  );
}

/** So many words of text by people, in one stretch. */
function humanStretch(humanText: string, words: number, random: () => number): string {
  if (words === 0) return "";
  const donors = wordParts(humanText).parts;
  const from = Math.floor(random() * Math.max(1, donors.length - words));
  return Array.from({ length: words }, (_, i) => donors[(from + i) % donors.length]!.word).join(" ");
}

/** Moves sentences to other places. */
export const shuffleSentences: Attack = textAttack(
  "shuffle",
  "moves sentences to other places",
  "sentences moved",
  (text, strength, random) => {
    const parts = sentenceParts(text);
    const able = parts.flatMap(({ sentence }, i) => (sentence === "" ? [] : [i]));
    const places = [...chooseSome(able.length, strength, random)].map((k) => able[k]!).sort((a, b) => a - b);
    // A ring of the chosen ones in random order: each of them moves, if there are two at all.
    const order = [...places];
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random() * i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    const moved = [...parts];
    places.forEach((place, i) => {
      moved[place] = { ...parts[place]!, sentence: parts[order[i]!]!.sentence };
    });
    return joinParts(moved);
  },
);

const CURLY: readonly (readonly [RegExp, string])[] = [
  [/(^|[\s([{])"/g, "$1\u201c"],
  [/"/g, "\u201d"],
  [/(\w)'(\w)/g, "$1\u2019$2"],
  [/--/g, "\u2014"],
  [/\.\.\./g, "\u2026"],
];

/** What word processors, PDF and e-mail do: Unicode compatibility forms, curly quotes, other dashes, one kind of white space. */
function normalizeSentence(sentence: string): string {
  let text = sentence.normalize("NFKC").replaceAll(/[^\S\n]+/g, " ");
  for (const [pattern, by] of CURLY) text = text.replaceAll(pattern, by);
  return text;
}

/** Copies sentences through another program's normalisation, which a tokenizer then reads as other ids. */
export const normalize: Attack = textAttack(
  "normalize",
  "copies sentences through a word processor: compatibility forms, curly quotes, dashes, line breaks as spaces",
  "sentences changed",
  (text, strength, random) => {
    const parts = sentenceParts(text);
    const chosen = chooseSome(parts.length, strength, random);
    return joinParts(
      parts.map((part, i) =>
        chosen.has(i)
          ? { sentence: normalizeSentence(part.sentence).replaceAll("\n", " "), gap: part.gap.replaceAll(/\s+/g, " ") }
          : part,
      ),
    );
  },
);
