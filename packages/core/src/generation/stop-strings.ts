import { TokenmarkError } from "../errors.ts";
import { show } from "../validate.ts";

/** Lets text through until a stop string appears in it. */
export interface StopFilter {
  /** Text that can no longer be part of a stop string; what could begin one is held back. */
  push(piece: string): string;
  /** What was held back, when no more text comes. */
  flush(): string;
  /** The stop string that ended the text, if one did; from then on nothing comes through. */
  readonly stoppedBy: string | null;
}

/** Length of the longest end of `text` that begins one of the stop strings and is shorter than it. */
function heldBack(text: string, stops: readonly string[]): number {
  const longest = Math.min(text.length, Math.max(0, ...stops.map((stop) => stop.length - 1)));
  for (let length = longest; length > 0; length--) {
    const end = text.slice(text.length - length);
    if (stops.some((stop) => stop.length > length && stop.startsWith(end))) return length;
  }
  return 0;
}

/**
 * Watches a text that comes in pieces. Of several stop strings the one that begins first in the text ends it, of two that begin
 * at the same place the longer one that is complete.
 *
 * @throws TokenmarkError `bad-argument` for an empty stop string, which would end every text before it began.
 */
export function createStopFilter(stops: readonly string[]): StopFilter {
  for (const stop of stops) {
    if (typeof stop !== "string" || stop === "") {
      throw new TokenmarkError("bad-argument", `stop: wanted strings that are not empty, got ${show(stop)}`);
    }
  }
  let pending = "";
  let stoppedBy: string | null = null;

  function findStop(): { at: number; stop: string } | null {
    let found: { at: number; stop: string } | null = null;
    for (const stop of stops) {
      const at = pending.indexOf(stop);
      if (at < 0) continue;
      if (found === null || at < found.at || (at === found.at && stop.length > found.stop.length)) found = { at, stop };
    }
    return found;
  }

  return {
    push(piece: string): string {
      if (stoppedBy !== null) return "";
      pending += piece;
      const found = findStop();
      const length = found === null ? pending.length - heldBack(pending, stops) : found.at;
      const through = pending.slice(0, length);
      pending = found === null ? pending.slice(length) : "";
      if (found !== null) stoppedBy = found.stop;
      return through;
    },
    flush(): string {
      const rest = pending;
      pending = "";
      return rest;
    },
    get stoppedBy(): string | null {
      return stoppedBy;
    },
  };
}
