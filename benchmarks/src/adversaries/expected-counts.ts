import type { TokenId } from "@tokenmark/core";
import { type SamplingLaw, samplingLaw } from "../models/sampling-law.ts";
import type { SamplingSettings, TextModel } from "../models/text-model.ts";
import type { SeenText } from "./seen-texts.ts";
import { nameContexts, type ThiefKnowledge } from "./thief-knowledge.ts";

/** Where tokens of marked text were seen under one context: text and place in it, in reading order. */
export interface Sighting {
  readonly text: number;
  readonly place: number;
  readonly token: TokenId;
}

/** Says how often each token was to be expected at some sightings, had the text no mark. */
export interface ExpectedCounts {
  /** Tokens that are expected hardly ever may be missing, unless they were seen. */
  at(contextName: string, sightings: readonly Sighting[]): ReadonlyMap<TokenId, number>;
}

/** Smaller shares of a next-token law are not kept: they make up most of its tokens and little of its mass. */
const LEAST_SHARE = 2e-4;

/** One position's law, its small shares left out. */
interface LawRow {
  readonly tokens: Int32Array;
  readonly shares: Float32Array;
}

/**
 * Expected counts of a thief who has the unmarked model itself, or one as good: the sum of its next-token laws at the very positions.
 * Far better than counts of unmarked text, since what follows from the rest of the text is known and only the key is not.
 *
 * @param model - has a reader
 */
export async function expectedByLaw(
  model: TextModel,
  texts: readonly SeenText[],
  settings: SamplingSettings,
): Promise<ExpectedCounts> {
  const lawOf = samplingLaw(settings);
  const laws: (readonly (LawRow | undefined)[])[] = [];
  for (const { promptTokens, tokens } of texts) {
    const all = [...promptTokens, ...tokens];
    const rows: (LawRow | undefined)[] = new Array(tokens.length).fill(undefined);
    let next = 1;
    for await (const logits of model.reader!.read(all.slice(0, -1))) {
      const place = next - promptTokens.length;
      if (place >= 0) rows[place] = rowOf(lawOf(logits), all[next]!);
      next++;
    }
    laws.push(rows);
  }
  return Object.freeze({
    at(_contextName: string, sightings: readonly Sighting[]) {
      const expected = new Map<TokenId, number>();
      for (const { text, place } of sightings) {
        const row = laws[text]![place];
        if (row === undefined) continue;
        for (let i = 0; i < row.tokens.length; i++) {
          const token = row.tokens[i]!;
          expected.set(token, (expected.get(token) ?? 0) + row.shares[i]!);
        }
      }
      return expected;
    },
  });
}

/** The law without its small shares; the token that was drawn is always in it. */
function rowOf({ tokens, probabilities }: SamplingLaw, drawn: TokenId): LawRow {
  const kept: number[] = [];
  for (let i = 0; i < tokens.length; i++) if (probabilities[i]! >= LEAST_SHARE || tokens[i] === drawn) kept.push(i);
  return {
    tokens: Int32Array.from(kept, (i) => tokens[i]!),
    shares: Float32Array.from(kept, (i) => probabilities[i]!),
  };
}

/** Sightings that the general law counts for where a context has few of its own. */
const BACK_OFF = 4;

/**
 * Expected counts of a thief who has nothing but unmarked text: its frequencies under the same context, drawn towards those without
 * context.
 */
export function expectedByText(texts: readonly SeenText[], knowledge: ThiefKnowledge): ExpectedCounts {
  const counts = new Map<string, Map<TokenId, number>>();
  const totals = new Map<string, number>();
  const general = new Map<TokenId, number>();
  let all = 0;
  const count = (name: string, token: TokenId): void => {
    const row = counts.get(name) ?? new Map<TokenId, number>();
    counts.set(name, row.set(token, (row.get(token) ?? 0) + 1));
    totals.set(name, (totals.get(name) ?? 0) + 1);
  };
  for (const { promptTokens, tokens } of texts) {
    const whole = [...promptTokens, ...tokens];
    for (let at = promptTokens.length; at < whole.length; at++) {
      const token = whole[at]!;
      general.set(token, (general.get(token) ?? 0) + 1);
      all++;
      const names = nameContexts(knowledge, whole, at);
      if (names === null) continue;
      count(names.whole, token);
      for (const name of names.single) count(name, token);
      if (names.empty !== null) count(names.empty, token);
    }
  }
  return Object.freeze({
    at(contextName: string, sightings: readonly Sighting[]) {
      const own = counts.get(contextName);
      const total = totals.get(contextName) ?? 0;
      const tokens = new Set([...(own?.keys() ?? []), ...sightings.map(({ token }) => token)]);
      const expected = new Map<TokenId, number>();
      for (const token of tokens) {
        const share = ((general.get(token) ?? 0) + 0.5) / (all + 1);
        const frequency = ((own?.get(token) ?? 0) + BACK_OFF * share) / (total + BACK_OFF);
        expected.set(token, sightings.length * frequency);
      }
      return expected;
    },
  });
}
