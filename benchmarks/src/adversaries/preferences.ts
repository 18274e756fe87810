import type { LogitReader, TokenId, TokenSequence } from "@tokenmark/core";
import { lawOf } from "../models/law-of.ts";

/** A text that a thief got: what was asked and what came. */
export interface SeenText {
  readonly promptTokens: readonly TokenId[];
  readonly tokens: readonly TokenId[];
}

/** What a thief has learnt of a mark without its key. */
export interface Preferences {
  /** Tokens that were seen. */
  readonly tokensSeen: number;
  /** Estimated ln of how much likelier the mark makes a token behind these tokens; 0 where nothing is known. */
  score(before: TokenSequence, token: TokenId): number;
  /** Adds `strength` × score to logits of a whole vocabulary. */
  add(logits: Float32Array, before: TokenSequence, strength: number): void;
}

/** How often a pair came, and how often the unmarked model would have written it at those places. */
interface Pair {
  observed: number;
  expected: number;
}
type Pairs = Map<TokenId, Pair>;

/** Pseudo-counts: what a pair has to overcome before it is believed. */
const DOUBT = 0.5;
const MOST = 3;

/**
 * Learns which tokens a mark prefers from text under one key, after the idea of Jovanović, Staab and Vechev (2024, "Watermark Stealing in
 * Large Language Models"): compare how often a token comes behind a context with how often it would without the mark, and fall back on parts
 * of the context where the whole was not seen enough.
 *
 * The thief is a strong one: it knows scheme and width and has the unmarked model itself, so that what is expected comes from that model's law
 * at each place and not from counts. Three levels, each the prior of the next: the token alone, with any one token of the context, with the
 * context in order.
 *
 * @param width - tokens of context that the scheme is known to see; 0 for none.
 * @param temperature - at which the text was drawn.
 */
export async function learnPreferences(
  texts: readonly SeenText[],
  model: LogitReader,
  width: number,
  temperature: number,
): Promise<Preferences> {
  const alone: Pairs = new Map();
  const withOne = new Map<TokenId, Pairs>();
  const withAll = new Map<string, Pairs>();
  let tokensSeen = 0;

  const see = <K>(level: Map<K, Pairs>, context: K, token: TokenId): void => {
    let pairs = level.get(context);
    if (pairs === undefined) {
      pairs = new Map();
      level.set(context, pairs);
    }
    count(pairs, token);
  };
  const count = (pairs: Pairs, token: TokenId): void => {
    const pair = pairs.get(token);
    if (pair === undefined) pairs.set(token, { observed: 1, expected: 0 });
    else pair.observed++;
  };
  const expect = (pairs: Pairs | undefined, law: Float64Array): void => {
    if (pairs !== undefined) for (const [token, pair] of pairs) pair.expected += law[token]!;
  };
  const contextOf = (all: TokenSequence, end: number): readonly TokenId[] =>
    Array.prototype.slice.call(all, Math.max(0, end - width), end) as TokenId[];
  /** Single tokens tell something only where the context is more than one. */
  const singles = (context: readonly TokenId[]): ReadonlySet<TokenId> => new Set(width > 1 ? context : []);

  // Which pairs there are has to be known before what is expected of them can be added up.
  for (const { promptTokens, tokens } of texts) {
    const all = [...promptTokens, ...tokens];
    for (let i = promptTokens.length; i < all.length; i++) {
      tokensSeen++;
      const context = contextOf(all, i);
      count(alone, all[i]!);
      for (const one of singles(context)) see(withOne, one, all[i]!);
      if (width > 0) see(withAll, context.join(), all[i]!);
    }
  }
  for (const { promptTokens, tokens } of texts) {
    const all = [...promptTokens, ...tokens];
    let i = 1;
    for await (const logits of model.read(all)) {
      if (i >= all.length) break;
      if (i >= promptTokens.length) {
        const law = lawOf(logits, temperature);
        const context = contextOf(all, i);
        expect(alone, law);
        for (const one of singles(context)) expect(withOne.get(one), law);
        if (width > 0) expect(withAll.get(context.join()), law);
      }
      i++;
    }
  }

  const ratio = (pair: Pair | undefined, prior: number): number =>
    pair === undefined ? prior : (pair.observed + DOUBT * prior) / (pair.expected + DOUBT);

  /** The ratio of a token behind a context. */
  function ratioOf(token: TokenId, ones: readonly Pairs[], whole: Pairs | undefined): number {
    const base = ratio(alone.get(token), 1);
    let middle = base;
    // Which of the context's tokens decides is not known (the smallest hash of a minhash, say): the one that stands out most.
    for (const pairs of ones) {
      const found = ratio(pairs.get(token), base);
      if (Math.abs(Math.log(found)) > Math.abs(Math.log(middle))) middle = found;
    }
    return ratio(whole?.get(token), middle);
  }

  const levels = (before: TokenSequence): { ones: readonly Pairs[]; whole: Pairs | undefined } => {
    const context = contextOf(before, before.length);
    return {
      ones: [...singles(context)].flatMap((one) => withOne.get(one) ?? []),
      whole: width > 0 ? withAll.get(context.join()) : undefined,
    };
  };
  const clip = (value: number): number => Math.max(-MOST, Math.min(MOST, value));

  return Object.freeze({
    tokensSeen,
    score(before: TokenSequence, token: TokenId): number {
      const { ones, whole } = levels(before);
      return clip(Math.log(ratioOf(token, ones, whole)));
    },
    add(logits: Float32Array, before: TokenSequence, strength: number): void {
      const { ones, whole } = levels(before);
      // Whatever is known of any token is known of it alone too.
      for (const token of alone.keys()) {
        logits[token] = logits[token]! + strength * clip(Math.log(ratioOf(token, ones, whole)));
      }
    },
  });
}
