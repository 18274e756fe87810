import type { WriteRequest } from "../models/text-model.ts";
import type { Attack, AttackedText, AttackResources } from "./attack.ts";
import { checkStrength } from "./check-strength.ts";

/** Words of a masked span on average. */
const MEAN_SPAN = 4;
/** Tokens asked for a word and for the span: more than words have, so that the span can be cut at a word's end. */
const TOKENS_A_WORD = 2;
const TOKENS_MORE = 3;
/** Characters of left context: some fifty tokens. */
const MOST_CONTEXT = 240;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Draws spans of words that do not touch until the wanted number of words is masked. */
function drawSpans(words: number, masked: number, random: () => number): Span[] {
  const taken = new Uint8Array(words);
  const spans: Span[] = [];
  let left = masked;
  for (let tries = 0; left > 0 && tries < 50 * words; tries++) {
    const length = Math.min(left, 1 + Math.floor(random() * (2 * MEAN_SPAN - 1)));
    const from = Math.floor(random() * (words - length + 1));
    if (taken.subarray(Math.max(0, from - 1), from + length + 1).includes(1)) continue;
    taken.fill(1, from, from + length);
    spans.push({ from, to: from + length });
    left -= length;
  }
  // Where nothing else fits, words one by one.
  for (let i = 0; left > 0 && i < words; i++) {
    if (taken[i] === 1) continue;
    taken[i] = 1;
    spans.push({ from: i, to: i + 1 });
    left--;
  }
  return spans.sort((a, b) => a.from - b.from);
}

/** A text in words with the white space before each, and the spans that are still to be written anew. */
interface Work {
  readonly words: string[];
  readonly tail: string;
  readonly spans: Span[];
  /** Words of the original that are done with, and the text so far. */
  done: number;
  text: string;
}

function startWork({ text, random }: AttackedText, strength: number): Work {
  const words = text.match(/\s*\S+/g) ?? [];
  const tail = text.slice(words.join("").length);
  return {
    words,
    tail,
    spans: drawSpans(words.length, Math.round(strength * words.length), random),
    done: 0,
    text: "",
  };
}

/** The first `count` words of what was written, or less if it has less. */
function firstWords(text: string, count: number): string {
  return (text.match(/\s*\S+/g) ?? []).slice(0, count).join("");
}

/**
 * Masks spans of words and lets an unmarked model write them anew from what stands before: text that stays fluent and loses the mark there.
 *
 * Spans of all texts are written in rounds, the first of each text, then the second: each round is one batch.
 */
export const resample: Attack = Object.freeze({
  name: "resample",
  summary: "masks spans of words and lets an unmarked language model write them anew",
  strengthMeans: "words written anew",
  async apply(
    texts: readonly AttackedText[],
    strength: number,
    { writer }: AttackResources,
  ): Promise<readonly string[]> {
    checkStrength("resample", strength);
    const works = texts.map((text) => startWork(text, strength));
    // A seed a text, so that its draws do not depend on who shares a batch.
    const seeds = texts.map(({ random }) => String(random()));
    for (let round = 0; ; round++) {
      const rows = works.flatMap((work, row) => (round < work.spans.length ? [row] : []));
      if (rows.length === 0) break;
      let longest = 1;
      const requests = rows.map((row): WriteRequest => {
        const work = works[row]!;
        const { from, to } = work.spans[round]!;
        work.text += work.words.slice(work.done, from).join("");
        work.done = to;
        longest = Math.max(longest, to - from);
        return {
          prompt: (texts[row]!.prompt + work.text).slice(-MOST_CONTEXT) || " ",
          scheme: null,
          seed: `${seeds[row]}/${round}`,
        };
      });
      const settings = { temperature: 1, topK: 50, topP: 1, maxTokens: TOKENS_A_WORD * longest + TOKENS_MORE };
      const written = await writer.write(requests, settings);
      rows.forEach((row, i) => {
        const work = works[row]!;
        const { from, to } = work.spans[round]!;
        const lead = /^\s*/.exec(work.words[from]!)![0];
        const anew = firstWords(written[i]!.text, to - from).trim();
        if (anew !== "") work.text += lead + anew;
      });
    }
    return works.map(({ text, words, done, tail }) => text + words.slice(done).join("") + tail);
  },
});
