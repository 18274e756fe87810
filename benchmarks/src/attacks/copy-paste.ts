import { TokenmarkError } from "@tokenmark/core";
import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawIndex, drawIndices, type Random } from "./draws.ts";
import { wordStarts } from "./word-starts.ts";

/**
 * Cuts the text into pieces of about one length and puts them, in their order, at random places into a run of text by people
 * (Kirchenbauer et al. 2023b, the copy-paste attack). The whole text stays, and the result grows with the strength: at .9 it is ten
 * times as long. At strength 1 none of it stays, and the result is human text of its length.
 *
 * `apply` throws TokenmarkError `bad-argument` if there is less human text than the strength asks for.
 */
export function copyPaste(pieces: number): Attack {
  return defineTextAttack({
    name: `copy-paste-${pieces}`,
    summary: `The text, in ${pieces === 1 ? "one piece" : `${pieces} pieces`}, is placed at random into text by people.`,
    strengthMeans: "characters of the result that are human text",
    prepare: (strength, { humanText }) => {
      const human = { text: humanText, starts: [0, ...wordStarts(humanText), humanText.length] };
      return (text, random) => {
        if (strength === 1) return sliceText(human, drawRun(human, text.length, random)).trim();
        const run = drawRun(human, (text.length * strength) / (1 - strength), random);
        return run.from === run.to ? text : placeInto(human, run, cutText(text, pieces), random);
      };
    },
  });
}

interface HumanText {
  readonly text: string;
  /** Where words begin, from 0 to the text's end. */
  readonly starts: readonly number[];
}

/** Words of a human text, by index into its starts; `to` is not among them. */
interface Run {
  readonly from: number;
  readonly to: number;
}

function drawRun({ text, starts }: HumanText, length: number, random: Random): Run {
  const latest = starts.findLastIndex((start) => start + length <= text.length);
  if (latest < 0) {
    const wanted = Math.ceil(length);
    throw new TokenmarkError(
      "bad-argument",
      `humanText: wanted at least ${wanted} characters for this strength, got ${text.length}`,
    );
  }
  const from = drawIndex(latest + 1, random);
  const end = starts[from]! + length;
  const above = starts.findIndex((start) => start >= end);
  const nearer = above > from && end - starts[above - 1]! < starts[above]! - end;
  return { from, to: nearer ? above - 1 : above };
}

/** Puts pieces at different word starts of a run, so that at least one human word parts any two. */
function placeInto(human: HumanText, { from, to }: Run, pieces: readonly string[], random: Random): string {
  const places = drawIndices(to - from + 1, pieces.length, random).toSorted((a, b) => a - b);
  const parts: string[] = [];
  let at = from;
  places.forEach((place, i) => {
    // A run of fewer words than pieces takes what is left as one piece.
    const piece = i === places.length - 1 ? pieces.slice(i).join("") : pieces[i]!;
    parts.push(sliceText(human, { from: at, to: from + place }).trim(), piece);
    at = from + place;
  });
  parts.push(sliceText(human, { from: at, to }).trim());
  return parts.reduce((left, right) => left + (needsBlank(left, right) ? " " : "") + right);
}

function needsBlank(left: string, right: string): boolean {
  return left !== "" && right !== "" && !/\s$/.test(left) && !/^\s/.test(right);
}

function sliceText({ text, starts }: HumanText, { from, to }: Run): string {
  return text.slice(starts[from]!, starts[to]!);
}

/** Cuts a text at the word starts nearest to equal parts; a text of few words gives fewer pieces. */
function cutText(text: string, pieces: number): readonly string[] {
  const starts = wordStarts(text);
  const cuts = Array.from({ length: pieces - 1 }, (_, i) => nearest(starts, (text.length * (i + 1)) / pieces));
  const bounds = [...new Set([0, ...cuts, text.length])];
  return bounds.slice(1).map((end, i) => text.slice(bounds[i]!, end));
}

function nearest(starts: readonly number[], wanted: number): number {
  return starts.reduce((best, start) => (Math.abs(start - wanted) < Math.abs(best - wanted) ? start : best), 0);
}
