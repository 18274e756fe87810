import type { TokenId, TokenSequence } from "@tokenmark/core";
import type { ExpectedCounts, Sighting } from "./expected-counts.ts";
import type { SeenText } from "./seen-texts.ts";
import { nameContexts, type ThiefKnowledge } from "./thief-knowledge.ts";

/** What a thief learnt of a mark. */
export interface LearntScores {
  /** How the mark seems to like a token at the end of `context`: from −1, avoided, over 0, unknown, to 1, preferred. */
  score(context: TokenSequence, token: TokenId): number;
  /** Adds `strength` × score to each logit. `candidates[i]` names the token of `logits[i]`; without it logits are dense. */
  bias(logits: Float32Array, context: TokenSequence, strength: number, candidates?: TokenSequence): void;
}

/** c of the paper: ratios are cut to [1/c, c]. */
const CLIP = Math.log(2);
/** Sightings, as expected in unmarked text, that each context starts with: a ratio of few sightings is drawn towards 1. */
const PRIOR = 1;

type Row = ReadonlyMap<TokenId, number>;
const NOTHING: Row = new Map();

/**
 * Learns which tokens a mark prefers in which contexts, from marked text and what unmarked text would have been (after Jovanović, Staab and
 * Vechev 2024, "Watermark Stealing in Large Language Models", section 4): the ratio of how often T was seen under a context to how often
 * it was to be expected, cut to [1/c, c].
 *
 * Differences from the paper: the score is the logarithm of that ratio, so that avoided tokens count against; instead of a least number of
 * sightings, (seen + 1) / (expected + 1) draws rare ones towards 1. Where one token of the context decides (minhash, selfhash), three
 * views are added up: the set of tokens, the single token whose ratio is furthest from 1 (the paper guesses it from the likeness of
 * contexts), and no context at all.
 */
export function learnScores(
  texts: readonly SeenText[],
  knowledge: ThiefKnowledge,
  expected: ExpectedCounts,
): LearntScores {
  const sightings = indexSightings(texts, knowledge);
  const rows = new Map<string, Row>();

  /** Logarithms of the ratios under one context, worked out when first asked for. */
  function rowOf(name: string): Row {
    const known = rows.get(name);
    if (known !== undefined) return known;
    const seenHere = sightings.get(name);
    const row = seenHere === undefined ? NOTHING : logRatios(seenHere, expected.at(name, seenHere));
    rows.set(name, row);
    return row;
  }

  /** What the context itself says of tokens, and what is said without one; both count. */
  function views(context: TokenSequence): readonly [own: Row, general: Row] {
    const names = nameContexts(knowledge, context, context.length);
    if (names === null) return [NOTHING, NOTHING];
    const whole = rowOf(names.whole);
    if (names.empty === null) return [whole, NOTHING];
    const own = new Map<TokenId, number>();
    for (const name of names.single) {
      for (const [token, value] of rowOf(name)) {
        if (Math.abs(value) > Math.abs(own.get(token) ?? 0)) own.set(token, value);
      }
    }
    for (const [token, value] of whole) own.set(token, (own.get(token) ?? 0) + value);
    return [own, rowOf(names.empty)];
  }

  const scoreOf = ([own, general]: readonly [Row, Row], token: TokenId): number =>
    cut((own.get(token) ?? 0) + (general.get(token) ?? 0));

  return Object.freeze({
    score: (context: TokenSequence, token: TokenId) => scoreOf(views(context), token),
    bias(logits: Float32Array, context: TokenSequence, strength: number, candidates?: TokenSequence): void {
      const both = views(context);
      const [own, general] = both;
      if (candidates !== undefined) {
        if (own.size + general.size === 0) return;
        for (let i = 0; i < logits.length; i++) logits[i]! += strength * scoreOf(both, candidates[i]!);
        return;
      }
      for (const row of [own, general]) {
        for (const token of row.keys()) {
          if (token >= logits.length || (row === general && own.has(token))) continue;
          logits[token]! += strength * scoreOf(both, token);
        }
      }
    },
  });
}

function cut(logRatio: number): number {
  return Math.max(-1, Math.min(1, logRatio / CLIP));
}

function indexSightings(
  texts: readonly SeenText[],
  knowledge: ThiefKnowledge,
): ReadonlyMap<string, readonly Sighting[]> {
  const index = new Map<string, Sighting[]>();
  const add = (name: string, sighting: Sighting): void => {
    const list = index.get(name);
    if (list === undefined) index.set(name, [sighting]);
    else list.push(sighting);
  };
  texts.forEach(({ promptTokens, tokens }, text) => {
    const all = [...promptTokens, ...tokens];
    tokens.forEach((token, place) => {
      const names = nameContexts(knowledge, all, promptTokens.length + place);
      if (names === null) return;
      const sighting = { text, place, token };
      add(names.whole, sighting);
      for (const name of names.single) add(name, sighting);
      if (names.empty !== null) add(names.empty, sighting);
    });
  });
  return index;
}

function logRatios(sightings: readonly Sighting[], expected: ReadonlyMap<TokenId, number>): Row {
  const seen = new Map<TokenId, number>();
  for (const { token } of sightings) seen.set(token, (seen.get(token) ?? 0) + 1);
  const row = new Map<TokenId, number>();
  for (const token of new Set([...seen.keys(), ...expected.keys()])) {
    const value = Math.log(((seen.get(token) ?? 0) + PRIOR) / ((expected.get(token) ?? 0) + PRIOR));
    // Hardly more than nothing: most of a law's tokens, and no help.
    if (Math.abs(value) > 0.02) row.set(token, value);
  }
  return row;
}
