import type { TokenSequence } from "@tokenmark/core";
import type { DedupScope } from "./vllm-scheme.ts";

/** Says of one position after another whether vLLM leaves it unmarked. */
export interface SkipRule {
  /** For the position after all tokens pushed so far. */
  isSkipped(): boolean;
  /** True if the position is skipped because too few tokens are generated for a whole context (scope `all`). */
  isPartial(): boolean;
  push(token: number): void;
}

/**
 * vLLM's rule for repeated contexts (PR 54053): the history is the generated ids, under `all` the prompt's before them; a context
 * among those of the latest `maxHistory` positions is skipped, and under `all` so are positions before the context is whole.
 */
export function skipRule(
  scope: DedupScope,
  contextWidth: number,
  maxHistory: number | null,
  prompt: TokenSequence,
): SkipRule {
  const history: number[] = [];
  const generated: number[] = [];
  /** Where each context of the history was met last, by the index of the token that it precedes. */
  const latest = new Map<string, number>();
  const before = (tokens: readonly number[]): string =>
    Array.from({ length: contextWidth }, (_, i) => tokens[tokens.length - contextWidth + i] ?? -1).join();

  function remember(token: number): void {
    latest.set(before(history), history.length);
    history.push(token);
  }
  if (scope === "all") for (let i = 0; i < prompt.length; i++) remember(prompt[i]!);

  const isPartial = (): boolean => scope === "all" && generated.length < contextWidth;
  return {
    isPartial,
    isSkipped(): boolean {
      if (scope === "none") return false;
      if (isPartial()) return true;
      const met = latest.get(before(generated));
      return met !== undefined && (maxHistory === null || met >= history.length - maxHistory);
    },
    push(token: number): void {
      if (scope !== "none") remember(token);
      generated.push(token);
    },
  };
}
