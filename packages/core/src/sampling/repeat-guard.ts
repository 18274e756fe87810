import type { ContextRule, RepeatRule, TokenSequence } from "../types.ts";

/** Why a position was or was not marked. */
export type MarkOutcome = "marked" | "repeated-context" | "short-context" | "over-budget";

/**
 * Says of the position after `tokens` whether the rules mark it. A pure function of the tokens: it folds over the sequence and
 * remembers how far it came, so each call must extend the last one's tokens; a shorter sequence starts over.
 *
 * Why the guard exists: the second time a context occurs, its keyed randomness is spent. Using it again would bend the model's law
 * (a keyed draw would repeat itself, up to loops) and give evidence that counts only once anyway.
 */
export function createRepeatGuard(
  context: ContextRule,
  repeats: RepeatRule,
  promptLength: number,
): (tokens: TokenSequence) => MarkOutcome {
  const { width } = context;
  const oldest = context.prompt === "included" ? 0 : promptLength;
  const history = repeats.kind === "contexts" ? (repeats.history ?? Number.POSITIVE_INFINITY) : 0;
  const lastEntry = new Map<string, number>();
  let entries = 0;
  let marked = 0;
  let folded = 0;

  function outcomeAt(position: number, key: string): MarkOutcome {
    if (position - oldest < width && context.missing === "unmarked") return "short-context";
    if (repeats.kind === "none") return "marked";
    const last = lastEntry.get(key);
    if (last !== undefined && entries - last < history) return "repeated-context";
    return repeats.budget !== undefined && marked >= repeats.budget ? "over-budget" : "marked";
  }

  function keyAt(tokens: TokenSequence, position: number): string {
    let key = "";
    const first = position - width;
    const { missing } = context;
    // The key is what the PRF sees: padding included, a short context as short as it is.
    if (typeof missing === "object") for (let i = first; i < oldest; i++) key += `${missing.pad},`;
    for (let i = Math.max(oldest, first); i < position; i++) key += `${tokens[i]},`;
    return key;
  }

  function restart(): void {
    lastEntry.clear();
    entries = marked = 0;
    folded = repeats.kind === "contexts" && repeats.scope === "all" ? oldest : promptLength;
  }
  restart();

  return (tokens) => {
    const now = tokens.length;
    if (repeats.kind === "none") return outcomeAt(now, "");
    if (now < folded) restart();
    for (; folded < now; folded++) {
      const key = keyAt(tokens, folded);
      const outcome = outcomeAt(folded, key);
      if (outcome === "short-context") continue;
      if (outcome === "marked" && folded >= promptLength) marked++;
      if (repeats.counts === "positions" || outcome === "marked") lastEntry.set(key, ++entries);
    }
    return outcomeAt(now, keyAt(tokens, now));
  };
}
