import { checkLogits } from "../check-logits.ts";
import { TokenmarkError } from "../errors.ts";
import type { ContextRule, MarkedSpan, ProcessOptions, TokenId, TokenSequence, WatermarkScheme } from "../types.ts";
import { checkTokenId } from "../validate.ts";

/** A scheme's own mathematics: everything else is the same for all and lives in {@link defineScheme}. */
export interface SchemeKernel {
  /** Loads the state of one position: the PRF sees `tokens[from … from + count − 1]`, oldest first. */
  seed(tokens: TokenSequence, from: number, count: number): void;
  /** Evidence for a token under the loaded state. */
  score(token: TokenId): number;
  /** Its parts, `components` of them, to `out[at…]`. */
  parts(token: TokenId, out: Float64Array, at: number): void;
  /** 64-bit identity of what counts once, to `units[at]` and `units[at + 1]`; follows `score` of the same token. */
  unit(token: TokenId, units: Uint32Array, at: number): void;
  /**
   * `seed`, `score` and `unit` for every position from index `from` on whose whole context lies in `tokens`, to `out[at…]` and
   * `units[2·at…]`, in a loop of the kernel's own; for schemes whose score costs less than three calls.
   */
  scoreRun?(tokens: TokenSequence, from: number, out: Float64Array, units: Uint32Array, at: number): void;
  /** Rewrites the logits under the loaded state; `best` is the index of the largest, known to be finite. */
  mark(logits: Float32Array, options: ProcessOptions, best: number): void;
}

/** The declared facts of a scheme, and the distributions that it declines, if any. */
export type SchemeFacts = Omit<WatermarkScheme, "process" | "score" | "scoreAll" | "componentsAll">;

/**
 * Makes a {@link WatermarkScheme} of a kernel: bad logits refused, contexts cut, padded or declined by the context rule,
 * prompt boundary kept. Write a scheme of your own with it: a keyed `seed`, a `score`, and the law of the score.
 *
 * The kernel holds the state of one position between `seed` and the next call; all methods are synchronous, so a scheme
 * may still be shared by any number of sequences.
 */
export function defineScheme(facts: SchemeFacts, kernel: SchemeKernel): WatermarkScheme {
  const { context: rule, components } = facts;
  const { width } = rule;
  const padded = new Int32Array(width);

  /** Loads the state for a position with `available` usable tokens before index `end`; false: nothing is marked there. */
  function load(tokens: TokenSequence, end: number, available: number): boolean {
    if (available >= width) {
      kernel.seed(tokens, end - width, width);
      return true;
    }
    return loadShort(rule, tokens, end, available);
  }

  function loadShort(rule: ContextRule, tokens: TokenSequence, end: number, available: number): boolean {
    if (rule.missing === "unmarked") return false;
    if (rule.missing === "short") {
      if (available < (rule.least ?? 0)) return false;
      kernel.seed(tokens, end - available, available);
      return true;
    }
    padded.fill(rule.missing.pad, 0, width - available);
    for (let i = 1; i <= available; i++) padded[width - i] = tokens[end - i]!;
    kernel.seed(padded, 0, width);
    return true;
  }

  /** Index of the oldest token a context may reach, or −1 − (first scoreable position) where the prompt is missed. */
  function reach(span: MarkedSpan): { readonly oldest: number; readonly first: number } {
    if (rule.prompt === "excluded") return { oldest: span.start, first: span.start };
    if (span.promptKnown) return { oldest: 0, first: span.start };
    // Contexts reached into a prompt that nobody kept: the first `width` positions cannot be scored.
    return { oldest: span.start, first: span.start + width };
  }

  /** The border for single calls; spans are checked by whoever reads a text in. */
  function checkContext(context: TokenSequence): void {
    for (let i = Math.max(0, context.length - width); i < context.length; i++) checkTokenId("context", context[i], -1);
  }

  function checkRoom(name: string, length: number, wanted: number): void {
    if (length < wanted)
      throw new TokenmarkError("bad-argument", `${name}: wanted room for ${wanted} numbers, got ${length}`);
  }

  return Object.freeze({
    ...facts,
    context: deepFreeze({ ...rule }),
    repeats: deepFreeze({ ...facts.repeats }),
    nullLaw: deepFreeze({ ...facts.nullLaw }),
    process(logits: Float32Array, context: TokenSequence, options: ProcessOptions = {}): void {
      const best = checkLogits(logits, options.candidates);
      checkContext(context);
      if (facts.declines?.(logits) === true) return;
      if (load(context, context.length, context.length)) kernel.mark(logits, options, best);
    },
    score(context: TokenSequence, token: TokenId): number {
      checkContext(context);
      checkTokenId("token", token);
      return load(context, context.length, context.length) ? kernel.score(token) : Number.NaN;
    },
    scoreAll(span: MarkedSpan, out: Float64Array, units: Uint32Array): void {
      const { tokens, start } = span;
      checkRoom("out", out.length, tokens.length - start);
      checkRoom("units", units.length, 2 * (tokens.length - start));
      const { oldest, first } = reach(span);
      const whole = Math.max(first, oldest + width);
      const end = kernel.scoreRun === undefined ? tokens.length : Math.min(tokens.length, whole);
      if (end < tokens.length) kernel.scoreRun?.(tokens, end, out, units, end - start);
      for (let at = start, i = 0; at < end; at++, i++) {
        if (at >= first && load(tokens, at, at - oldest)) {
          const token = tokens[at]!;
          out[i] = kernel.score(token);
          kernel.unit(token, units, 2 * i);
        } else {
          out[i] = Number.NaN;
          units[2 * i] = units[2 * i + 1] = 0;
        }
      }
    },
    componentsAll(span: MarkedSpan, out: Float64Array): void {
      const { tokens, start } = span;
      checkRoom("out", out.length, components * (tokens.length - start));
      const { oldest, first } = reach(span);
      for (let at = start, row = 0; at < tokens.length; at++, row += components) {
        if (at >= first && load(tokens, at, at - oldest)) kernel.parts(tokens[at]!, out, row);
        else out.fill(Number.NaN, row, row + components);
      }
    },
  });
}

/** Freezes plain data to the bottom; typed arrays (a lattice's values) cannot be frozen and stay as they are. */
function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null && !ArrayBuffer.isView(part)) deepFreeze(part);
  }
  return Object.freeze(value);
}
