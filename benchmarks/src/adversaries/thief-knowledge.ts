import type { AnySchemeConfig, TokenSequence, WatermarkScheme } from "@tokenmark/core";

/** What a thief knows of a mark: how its hash sees the text, but not its key. */
export interface ThiefKnowledge {
  /** Preceding tokens that the hash sees; 0 for a list without context. */
  readonly width: number;
  /** `sequence`: all of them in their order. `one-token`: the one of least keyed value, wherever it stands (minhash, selfhash). */
  readonly decides: "sequence" | "one-token";
}

/**
 * Reads a scheme's published parameters as a thief would.
 *
 * @param config - null where only the scheme's context is public; then the whole sequence is taken to decide
 */
export function thiefKnowledge(scheme: WatermarkScheme, config: AnySchemeConfig | null = null): ThiefKnowledge {
  const { width } = scheme.context;
  const least = Object.values(config ?? {}).some(
    (value) => typeof value === "string" && /minhash|selfhash/.test(value),
  );
  return Object.freeze({ width, decides: least && width > 1 ? "one-token" : "sequence" });
}

/** Contexts, whole and partial, that a position's token can be counted under; each is a name of what was there. */
export interface ContextNames {
  readonly whole: string;
  /** The single tokens of which one may have decided alone; none where the sequence decides. */
  readonly single: readonly string[];
  /** The empty context; null where it tells nothing. */
  readonly empty: string | null;
}

const EMPTY = "";

/** Names the contexts of the position before index `at`; null where fewer than `width` tokens precede. */
export function nameContexts(knowledge: ThiefKnowledge, tokens: TokenSequence, at: number): ContextNames | null {
  const { width, decides } = knowledge;
  if (at < width) return null;
  const context: number[] = [];
  for (let i = at - width; i < at; i++) context.push(tokens[i]!);
  switch (decides) {
    case "sequence":
      return { whole: context.join(), single: [], empty: null };
    case "one-token": {
      const kinds = [...new Set(context)].sort((a, b) => a - b);
      return { whole: `{${kinds.join()}}`, single: kinds.map(String), empty: EMPTY };
    }
    default:
      return decides satisfies never;
  }
}
