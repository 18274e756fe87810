import type { ContextRule, RepeatRule, TokenSequence } from "../types.ts";

/** Why a position was or was not marked. */
export type MarkOutcome = "marked" | "repeated-context" | "short-context" | "over-budget" | "declined";

/** Options of {@link createRepeatGuard}. */
export interface RepeatGuardOptions {
  /** Positions that the scheme left to the model: not marked, so their contexts are not spent. @defaultValue none */
  readonly isDeclined?: (position: number) => boolean;
}

/**
 * Says of the position after `tokens` whether the rules mark it. A pure function of the tokens: it folds over the sequence and
 * remembers how far it came, so each call must extend the last one's tokens; a shorter sequence starts over.
 *
 * Why the guard exists: the second time a context occurs, its keyed randomness is spent. Using it again would bend the model's law
 * (a keyed draw would repeat itself, up to loops) and give evidence that counts only once anyway.
 *
 * Under scope "all" the history is the whole sequence as it stands, prompt first: its contexts run across the prompt's end even where
 * the scheme's own never reach into the prompt (vLLM's `deduplicate_contexts: all`), and each of its tokens is a position of it.
 */
export function createRepeatGuard(
  context: ContextRule,
  repeats: RepeatRule,
  promptLength: number,
  options: RepeatGuardOptions = {},
): (tokens: TokenSequence) => MarkOutcome {
  const { width, missing, least = 0 } = context;
  const { isDeclined = () => false } = options;
  const oldest = context.prompt === "included" ? 0 : promptLength;
  const seesAll = repeats.kind === "contexts" && repeats.scope === "all";
  const fewest = missing === "unmarked" ? width : missing === "short" ? Math.min(least, width) : 0;
  const history = repeats.kind === "contexts" ? (repeats.history ?? Number.POSITIVE_INFINITY) : 0;
  const lastEntry = new Map<string, number>();
  let entries = 0;
  let marked = 0;
  let folded = 0;

  function outcomeAt(position: number, key: string): MarkOutcome {
    if (position - oldest < fewest) return "short-context";
    if (repeats.kind === "none") return "marked";
    const last = lastEntry.get(key);
    if (last !== undefined && entries - last < history) return "repeated-context";
    return repeats.budget !== undefined && marked >= repeats.budget ? "over-budget" : "marked";
  }

  /** The key is what the PRF sees: padding included, a short context as short as it is. */
  function keyAt(tokens: TokenSequence, position: number, reach: number): string {
    let key = "";
    const first = position - width;
    if (typeof missing === "object") for (let i = first; i < Math.min(reach, position); i++) key += `${missing.pad},`;
    for (let i = Math.max(reach, first); i < position; i++) key += `${tokens[i]},`;
    return key;
  }

  /** A position of the prompt is as if a generator had marked it. */
  function foldPrompt(tokens: TokenSequence, position: number): void {
    const key = keyAt(tokens, position, 0);
    if (repeats.kind === "none" || (repeats.counts === "marked" && lastEntry.has(key))) return;
    lastEntry.set(key, ++entries);
  }

  function foldGenerated(tokens: TokenSequence, position: number): void {
    const key = keyAt(tokens, position, oldest);
    const outcome = isDeclined(position) ? "declined" : outcomeAt(position, key);
    if (outcome === "marked") marked++;
    if (repeats.kind === "none" || (outcome === "short-context" && !seesAll)) return;
    if (repeats.counts === "marked" && outcome !== "marked") return;
    lastEntry.set(key, ++entries);
    // What the position looks like from within the sequence, where the scheme itself saw nothing of the prompt.
    if (seesAll && oldest > 0) lastEntry.set(keyAt(tokens, position, 0), entries);
  }

  function restart(): void {
    lastEntry.clear();
    entries = marked = 0;
    folded = seesAll ? 0 : promptLength;
  }
  restart();

  return (tokens) => {
    const now = tokens.length;
    if (repeats.kind === "none") return outcomeAt(now, "");
    if (now < folded) restart();
    for (; folded < now; folded++) (folded < promptLength ? foldPrompt : foldGenerated)(tokens, folded);
    return outcomeAt(now, keyAt(tokens, now, oldest));
  };
}
