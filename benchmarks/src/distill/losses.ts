import type { LogitReader, TextTokenizer } from "@tokenmark/core";
import { logSumExp } from "@tokenmark/stats";
import { pairedInterval } from "./paired-interval.ts";

const HELD_OUT_CHARACTERS = 20_000;
const WINDOW = 128;

/** What a reader loses on a text. */
export interface HeldOutLoss {
  /** Mean nats a token. */
  readonly heldOutLoss: number;
  /** Mean nats a token of each window, to compare two readers window by window. Results of before they were kept lack it. */
  readonly heldOutWindows?: readonly number[];
}

/** Loss on a text's beginning, in windows as long as a student was trained on. */
export async function heldOutLoss(reader: LogitReader, tokenizer: TextTokenizer, text: string): Promise<HeldOutLoss> {
  const ids = Array.from(tokenizer.encode(text.slice(0, HELD_OUT_CHARACTERS)));
  const windows: number[] = [];
  let all = 0;
  let count = 0;
  for (let from = 0; from + 1 < ids.length; from += WINDOW) {
    const window = ids.slice(from, from + WINDOW);
    let nats = 0;
    let i = 1;
    for await (const scores of reader.read(window)) {
      if (i >= window.length) break;
      nats += logSumExp(scores) - scores[window[i]!]!;
      i++;
    }
    all += nats;
    count += window.length - 1;
    if (window.length > 1) windows.push(nats / (window.length - 1));
  }
  return { heldOutLoss: all / count, heldOutWindows: windows };
}

/** A change of loss, as a share, with a 95 % bootstrap interval over windows, paired. */
export interface LossChange {
  readonly change: number;
  /** Null where the windows were not kept. */
  readonly interval: { readonly lower: number; readonly upper: number } | null;
}

/** How much more one reader loses than another on the same windows. */
export function lossChange(own: HeldOutLoss, other: HeldOutLoss): LossChange {
  const change = own.heldOutLoss / other.heldOutLoss - 1;
  const [ownWindows, otherWindows] = [own.heldOutWindows, other.heldOutWindows];
  if (ownWindows === undefined || otherWindows === undefined) return { change, interval: null };
  const interval = pairedInterval(ownWindows.length, "loss change", (drawn) => {
    let [mine, theirs] = [0, 0];
    for (const i of drawn) {
      mine += ownWindows[i]!;
      theirs += otherWindows[i]!;
    }
    return mine / theirs - 1;
  });
  return { change, interval };
}
