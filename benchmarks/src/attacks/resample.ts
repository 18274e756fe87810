import type { WriteRequest } from "../models/text-model.ts";
import type { Attack, AttackedText, AttackResources } from "./attack.ts";
import { checkStrength } from "./check-strength.ts";

/** Words of a masked span on average. */
const MEAN_SPAN = 4;
const LONGEST_SPAN = 2 * MEAN_SPAN - 1;
/**
 * Two a word and three more: more than words have, so that the span can be cut at a word's end. The same for every span, so that what
 * is written for one does not hang on the others of its batch.
 */
const SETTINGS = { temperature: 1, topK: 50, topP: 1, maxTokens: 2 * LONGEST_SPAN + 3 };
/** Texts that are written together. */
const BATCH = 16;
/** Characters of left context: some fifty tokens. */
const MOST_CONTEXT = 240;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Draws spans of words until the wanted number of words is masked, apart from each other as long as there is room. */
function drawSpans(words: number, masked: number, random: () => number): Span[] {
  const taken = new Uint8Array(words);
  let left = masked;
  for (let tries = 0; left > 0 && tries < 50 * words; tries++) {
    const length = Math.min(left, 1 + Math.floor(random() * LONGEST_SPAN));
    const from = Math.floor(random() * (words - length + 1));
    if (taken.subarray(Math.max(0, from - 1), from + length + 1).includes(1)) continue;
    taken.fill(1, from, from + length);
    left -= length;
  }
  // Where nothing else fits, words one by one.
  for (let i = 0; left > 0 && i < words; i++) {
    if (taken[i] === 1) continue;
    taken[i] = 1;
    left--;
  }
  return spansOf(taken);
}

/** The masked stretches, cut where they are longer than the longest span. */
function spansOf(taken: Uint8Array): Span[] {
  const spans: Span[] = [];
  for (let from = 0; from < taken.length; ) {
    let to = from;
    while (to < taken.length && taken[to] === 1 && to - from < LONGEST_SPAN) to++;
    if (to > from) spans.push({ from, to });
    from = Math.max(to, from + 1);
  }
  return spans;
}

/** A text in words with the white space before each, and the spans that are still to be written anew. */
interface Work {
  readonly words: string[];
  readonly tail: string;
  readonly spans: readonly Span[];
  readonly prompt: string;
  /** Decides what is written, whoever shares a batch. */
  readonly seed: string;
  /** Spans that are written. */
  written: number;
  /** Words of the original that are done with, and the text so far. */
  done: number;
  text: string;
}

function startWork({ text, prompt, random }: AttackedText, strength: number): Work {
  const words = text.match(/\s*\S+/g) ?? [];
  const tail = text.slice(words.join("").length);
  const spans = drawSpans(words.length, Math.round(strength * words.length), random);
  return { words, tail, spans, prompt, seed: String(random()), written: 0, done: 0, text: "" };
}

/**
 * The first `count` words of what was written behind `before`, or less if it has less. What only ends the word or the clause before it
 * (such as ", and" behind "people") is no word of the span.
 */
function firstWords(written: string, before: string, count: number): string {
  const begun = before === "" || /\s$/.test(before) ? "" : /^\S*/.exec(written)![0];
  const words = written.slice(begun.length).match(/\s*\S+/g) ?? [];
  // The last one may have been cut off where the tokens ended.
  const whole = words.length > 1 && !/\s$/.test(written) ? words.slice(0, -1) : words;
  return whole.slice(0, count).join("").trim();
}

/** What the model reads before a span. */
function contextOf(text: string): string {
  const context = text.slice(-MOST_CONTEXT);
  return /^[\udc00-\udfff]/.test(context) ? context.slice(1) : context;
}

/** Goes on to the next span: asks for what is to stand there. */
function nextRequest(work: Work): WriteRequest {
  const { from, to } = work.spans[work.written]!;
  work.text += work.words.slice(work.done, from).join("");
  work.done = to;
  return {
    prompt: contextOf(work.prompt + work.text) || " ",
    scheme: null,
    seed: `${work.seed}/${work.written}`,
  };
}

/** Puts what was written into the span that {@link nextRequest} went on to. */
function fillSpan(work: Work, written: string): void {
  const { from, to } = work.spans[work.written]!;
  const lead = /^\s*/.exec(work.words[from]!)![0];
  const anew = firstWords(written, work.prompt + work.text, to - from);
  if (anew !== "") work.text += lead + anew;
  work.written++;
}

/**
 * Masks spans of words and lets an unmarked model write them anew from what stands before: text that stays fluent and loses the mark there.
 *
 * A text's spans are written one after the other; each batch takes the texts that have most of them left, so that all batches are full.
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
    const left = (work: Work): number => work.spans.length - work.written;
    for (;;) {
      const batch = works
        .filter((work) => left(work) > 0)
        .sort((a, b) => left(b) - left(a))
        .slice(0, BATCH);
      if (batch.length === 0) break;
      const written = await writer.write(batch.map(nextRequest), SETTINGS);
      batch.forEach((work, i) => {
        fillSpan(work, written[i]!.text);
      });
    }
    return works.map(({ text, words, done, tail }) => text + words.slice(done).join("") + tail);
  },
});
