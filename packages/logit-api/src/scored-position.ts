import type { NextLogits, TokenId } from "@tokenmark/core";
import { badAnswer, isId } from "./answer.ts";

/** One position of an answer: the server's own token there, and its candidates in ascending order of their ids. */
export interface ScoredPosition {
  readonly token: TokenId;
  readonly candidates: Int32Array;
  /** ln p under the raw model, at temperature 1. */
  readonly logits: Float32Array;
}

/** Collects one position's candidates as an answer is read. */
export interface CandidateList {
  /** `logprob` null is how servers write −∞: the candidate is left out. */
  add(id: unknown, logprob: unknown): void;
  /** @throws TokenmarkError `bad-answer` if there is none. */
  finish(token: TokenId): ScoredPosition;
}

/** Room for an index beside an id in one exact double. */
const INDEX = 2 ** 21;

/**
 * Makes a list for one position. Candidates are sorted by id, since servers sort by score and the order of near-equal scores differs
 * between a cached and an uncached evaluation; a draw that walks along the ids does not notice.
 *
 * @param limit At most so many candidates, the best ones: some servers add the token that they sampled.
 */
export function createCandidateList(server: string, field: string, limit: number): CandidateList {
  const ids: number[] = [];
  const scores: number[] = [];
  return {
    add(id: unknown, logprob: unknown): void {
      if (logprob === null) return;
      if (!isId(id)) throw badAnswer(server, field, "a token id", id);
      if (typeof logprob !== "number" || !(logprob < 1e-3))
        throw badAnswer(server, field, "a log-probability", logprob);
      ids.push(id);
      scores.push(logprob);
    },
    finish(token: TokenId): ScoredPosition {
      if (ids.length === 0) throw badAnswer(server, field, "candidates", null);
      if (ids.length > limit) {
        const order = [...ids.keys()].sort((a, b) => scores[b]! - scores[a]! || ids[a]! - ids[b]!).slice(0, limit);
        return sorted(
          token,
          order.map((i) => ids[i]!),
          order.map((i) => scores[i]!),
        );
      }
      return sorted(token, ids, scores);
    },
  };
}

function sorted(token: TokenId, ids: readonly number[], scores: readonly number[]): ScoredPosition {
  const keys = new Float64Array(ids.length);
  for (let i = 0; i < keys.length; i++) keys[i] = ids[i]! * INDEX + i;
  keys.sort();
  const candidates = new Int32Array(keys.length);
  const logits = new Float32Array(keys.length);
  let size = 0;
  for (let i = 0; i < keys.length; i++) {
    const id = Math.floor(keys[i]! / INDEX);
    // A token named twice (the sampled one, by some servers) counts once.
    if (size > 0 && candidates[size - 1] === id) continue;
    candidates[size] = id;
    logits[size++] = scores[keys[i]! - id * INDEX]!;
  }
  return { token, candidates: candidates.subarray(0, size), logits: logits.subarray(0, size) };
}

/** What a source answers. */
export function nextLogits({ candidates, logits }: ScoredPosition): NextLogits {
  return { candidates, logits };
}
