import type { TokenSequence, WatermarkScheme } from "@tokenmark/core";
import { checkTokens } from "./argument-check.ts";
import { createUnitSet, FIRST, SEEN } from "./unit-set.ts";

/** What became of a position: its unit is evidence, was evidence before, there is none, or the generator's budget was spent. */
export const COUNTED: typeof FIRST = FIRST;
export const REPEATED: typeof SEEN = SEEN;
export const UNSCOREABLE = 2;
export const OVER_BUDGET = 3;

/** Some positions in text order. The arrays are reused: read them before the next chunk. */
export interface CountedChunk {
  readonly count: number;
  /** Score of position i; NaN where `fates[i]` is {@link UNSCOREABLE}. */
  readonly scores: Float64Array;
  /** {@link COUNTED}, {@link REPEATED}, {@link UNSCOREABLE} or {@link OVER_BUDGET}. */
  readonly fates: Uint8Array;
}

/** Decides, token by token, what is evidence. */
export interface UnitCounter {
  /**
   * Takes the next generated tokens, in pieces of any size, and hands them on in chunks.
   * @throws TokenmarkError `bad-argument` for a token that is no id; nothing has been taken then.
   */
  push(tokens: TokenSequence, onChunk: (chunk: CountedChunk) => void): void;
}

/** Options of {@link createUnitCounter}. */
export interface UnitCounterOptions {
  /**
   * The prompt's tokens, if they are known; `[]`: known to be empty. Contexts then reach into it as the scheme says. Without
   * it the first `context.width` tokens cannot be scored by schemes whose contexts include the prompt.
   */
  readonly prompt?: TokenSequence;
  /**
   * Whether units that occur inside the prompt are no evidence when they come again. On, because a token that was copied from
   * the prompt under the same context depends on the key if the prompt was marked (an answer quoted back, say), whoever
   * wrote the copy. Contexts that are padded or short at the prompt's start are among them where the scheme marks such. Turn it off only for prompts that are known to hold no marked text: it then wins back the few contexts
   * that generator and prompt share.
   * @defaultValue true
   */
  readonly dropPromptUnits?: boolean;
}

/** Positions scored at a time unless the scheme likes more: the buffers (about 100 KB) stay in a core's own cache. */
const CHUNK = 4096;
/** Whatever a scheme likes, buffers are not larger than 20 MB. */
const MOST_CHUNK = 1 << 20;
/** Identities that room is made for in advance; beyond it the set doubles as it fills. */
const RESERVE = 1 << 20;

/**
 * Makes the counter of one text: every PRF input counts once, at its first occurrence, and the prompt boundary is kept.
 *
 * A generator with a budget marks no more contexts than that, so units beyond it are no evidence: their number is fixed before the key.
 *
 * It scores a sliding window that starts with the last `context.width` tokens of what came before, so the pieces a text
 * arrives in change nothing.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function createUnitCounter(scheme: WatermarkScheme, options: UnitCounterOptions = {}): UnitCounter {
  const { prompt, dropPromptUnits = true } = options;
  const { width, prompt: promptRule } = scheme.context;
  const chunkSize = Math.min(MOST_CHUNK, Math.max(CHUNK, scheme.batch ?? CHUNK));
  const seen = createUnitSet();
  const budget = createBudget(scheme);
  let room = CHUNK;
  let window = new Int32Array(width + room);
  let scores = new Float64Array(width + room);
  let units = new Uint32Array(2 * (width + room));
  let fates = new Uint8Array(room);
  // Tokens of context at the window's start, and positions still to come that have no usable context.
  let kept = 0;
  let blind = 0;

  /** Makes room for so many new positions; the kept tokens stay in the window. */
  function reserve(count: number): void {
    if (count <= room) return;
    room = count;
    const old = window;
    window = new Int32Array(width + room);
    window.set(old.subarray(0, kept));
    scores = new Float64Array(width + room);
    units = new Uint32Array(2 * (width + room));
    fates = new Uint8Array(room);
  }

  /** Appends tokens[from … from + count − 1] to the window and leaves their scores at scores[0…], units alike. */
  function score(tokens: TokenSequence, from: number, count: number): void {
    const before = kept;
    for (let i = 0; i < count; i++) window[before + i] = tokens[from + i]!;
    const end = before + count;
    // A scheme that excludes the prompt reads no context before `start`, so the kept tokens must be rescored as text.
    const start = promptRule === "included" ? before : 0;
    scheme.scoreAll({ tokens: window.subarray(0, end), start, promptKnown: true }, scores, units);
    if (start < before) {
      scores.copyWithin(0, before, end);
      units.copyWithin(0, 2 * before, 2 * end);
    }
    kept = Math.min(width, end);
    window.copyWithin(0, end - kept, end);
  }

  /** Fills the fates of the positions just scored; the first `dark` of them cannot be scored whatever the scheme says. */
  function decide(count: number, dark: number): void {
    scores.fill(Number.NaN, 0, Math.min(dark, count));
    for (let i = 0; i < count; i++) fates[i] = Number.isNaN(scores[i]!) ? UNSCOREABLE : COUNTED;
    seen.addAll(units, count, fates);
  }

  function enterPrompt(tokens: TokenSequence): void {
    checkTokens("prompt", tokens);
    if (dropPromptUnits) {
      seen.reserve(Math.min(tokens.length, RESERVE));
      reserve(Math.min(chunkSize, tokens.length));
      for (let from = 0; from < tokens.length; from += chunkSize) {
        const count = Math.min(chunkSize, tokens.length - from);
        score(tokens, from, count);
        // Padded and short contexts at the prompt's start enter as well: a generator whose guard reads the prompt leaves them
        // unmarked when they come again, and the prompt, an earlier answer perhaps, may have been marked there. A scheme
        // that excludes the prompt loses its first token for that: it begins every text with one and the same context.
        decide(count, 0);
      }
    }
    kept = promptRule === "included" ? Math.min(width, tokens.length) : 0;
    for (let i = 0; i < kept; i++) window[i] = tokens[tokens.length - kept + i]!;
  }

  if (prompt !== undefined) enterPrompt(prompt);
  else if (promptRule === "included") blind = width;

  return {
    push(tokens, onChunk) {
      // Before anything is taken, so that a refused call leaves the counter as it was.
      checkTokens("tokens", tokens);
      seen.reserve(Math.min(seen.size + tokens.length, Math.max(seen.size, RESERVE)));
      reserve(Math.min(chunkSize, tokens.length));
      for (let from = 0; from < tokens.length; from += chunkSize) {
        const count = Math.min(chunkSize, tokens.length - from);
        score(tokens, from, count);
        const dark = Math.min(blind, count);
        blind -= dark;
        decide(count, dark);
        budget?.apply(units, fates, count);
        onChunk({ count, scores, fates });
      }
    },
  };
}

/** What a generator's budget of marked contexts leaves of the evidence. */
interface Budget {
  apply(units: Uint32Array, fates: Uint8Array, count: number): void;
}

/** Null where the scheme has none. A unit that the prompt held is no evidence, but the generator spent one on it. */
function createBudget({ repeats, unit }: WatermarkScheme): Budget | null {
  const most = repeats.kind === "contexts" ? repeats.budget : undefined;
  // Of n-grams nobody can tell how many contexts they make.
  if (most === undefined || unit !== "context") return null;
  const spent = createUnitSet();
  let marks = new Uint8Array(CHUNK);
  let used = 0;
  return {
    apply(units, fates, count) {
      if (marks.length < count) marks = new Uint8Array(count);
      for (let i = 0; i < count; i++) marks[i] = fates[i] === UNSCOREABLE ? UNSCOREABLE : FIRST;
      spent.addAll(units, count, marks);
      for (let i = 0; i < count; i++) {
        if (marks[i] !== FIRST) continue;
        if (used < most) used++;
        else if (fates[i] === COUNTED) fates[i] = OVER_BUDGET;
      }
    },
  };
}
