import type { TokenSequence } from "@tokenmark/core";
import { logGammaUpperTail } from "@tokenmark/stats";
import {
  sglangCoin,
  sglangCoinLimit,
  sglangCoinState,
  sglangContextHash,
  sglangDrawState,
  sglangKeyState,
  sglangScore,
  sglangTokenHash,
} from "./sglang-hash.ts";

/** One of the detector's tests: n contexts whose scores sum up to Gamma(n, 1) in unmarked text. */
export interface SglangTest {
  readonly contexts: number;
  readonly score: number;
  /** (score − n)/√n; 0 for no context. */
  readonly z: number;
  /** ln P[Gamma(n, 1) ≥ score], exact. */
  readonly logP: number;
}

/** A position that was scored. */
export interface SglangScored {
  /** Index among the generated ids. */
  readonly index: number;
  readonly context: number;
  readonly hashA: number;
  /** Null for a single key. */
  readonly hashB: number | null;
  readonly coin: number | null;
}

/** What SGLang's detector returns. */
export interface SglangDetection {
  /** Each context under the key that its coin picks. */
  readonly combined: SglangTest;
  readonly allA: SglangTest;
  readonly allB: SglangTest | null;
  readonly partA: SglangTest | null;
  readonly partB: SglangTest | null;
  /** True if the detector stopped at its limit of contexts. */
  readonly limitReached: boolean;
  readonly examined: number;
  readonly repeated: number;
  /** Ids at the start without a known context. */
  readonly skipped: number;
  readonly scored: readonly SglangScored[];
}

/** What the detector is told. */
export interface SglangDetectorSettings {
  readonly key: string;
  readonly keyB: string | null;
  readonly contextWindow: number;
  readonly mixingProbability: number;
  readonly maxContexts: number;
}

/** A sum with its rounding errors kept (Neumaier 1974), so that z near 0 keeps its digits as the engine's exact sum does. */
class Test {
  #sum = 0;
  #rest = 0;
  #n = 0;

  add(value: number): void {
    const sum = this.#sum + value;
    this.#rest += this.#sum >= value ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
    this.#n++;
  }

  result(): SglangTest {
    const n = this.#n;
    if (n === 0) return Object.freeze({ contexts: 0, score: 0, z: 0, logP: 0 });
    const score = this.#sum + this.#rest;
    const z = (this.#sum - n + this.#rest) / Math.sqrt(n);
    return Object.freeze({ contexts: n, score, z, logP: Math.min(0, logGammaUpperTail(n, score)) });
  }
}

/**
 * SGLang's own detector (PR 37577): the first occurrence of every context tuple is scored, up to a limit; without prompt ids the first
 * window of tokens is left out, with them short contexts at the start count.
 */
export function sglangDetect(
  settings: SglangDetectorSettings,
  tokens: TokenSequence,
  prompt: TokenSequence | null,
): SglangDetection {
  const { key, keyB, contextWindow, mixingProbability, maxContexts } = settings;
  const stateA = sglangKeyState(key);
  const stateB = keyB === null ? 0 : sglangKeyState(keyB);
  const coinState = keyB === null ? 0 : sglangCoinState(key, keyB);
  const limit = sglangCoinLimit(mixingProbability);
  const before = Math.min(prompt?.length ?? 0, contextWindow);
  const joined = Int32Array.from({ length: before + tokens.length }, (_, i) =>
    i < before ? prompt![prompt!.length - before + i]! : tokens[i - before]!,
  );
  const skipped = before === 0 ? Math.min(contextWindow, tokens.length) : 0;
  const [combined, allA, allB, partA, partB] = [new Test(), new Test(), new Test(), new Test(), new Test()];
  const seen = new Set<string>();
  const scored: SglangScored[] = [];
  let examined = skipped;
  let repeated = 0;
  for (let index = skipped; index < tokens.length && scored.length < maxContexts; index++) {
    examined = index + 1;
    const end = before + index;
    const from = Math.max(0, end - contextWindow);
    const tuple = joined.subarray(from, end).join();
    if (seen.has(tuple)) {
      repeated++;
      continue;
    }
    seen.add(tuple);
    scored.push(scoreAt(index, sglangContextHash(joined, from, end - from), tokens[index]!));
  }
  const dual = keyB !== null;
  return Object.freeze({
    combined: combined.result(),
    allA: allA.result(),
    allB: dual ? allB.result() : null,
    partA: dual ? partA.result() : null,
    partB: dual ? partB.result() : null,
    limitReached: scored.length >= maxContexts,
    examined,
    repeated,
    skipped,
    scored: Object.freeze(scored),
  });

  function scoreAt(index: number, context: number, token: number): SglangScored {
    const hashA = sglangTokenHash(sglangDrawState(stateA, context), token);
    const scoreA = sglangScore(hashA);
    allA.add(scoreA);
    if (keyB === null) {
      combined.add(scoreA);
      return { index, context, hashA, hashB: null, coin: null };
    }
    const hashB = sglangTokenHash(sglangDrawState(stateB, context), token);
    const scoreB = sglangScore(hashB);
    allB.add(scoreB);
    const coin = sglangCoin(coinState, context);
    const isA = coin < limit;
    combined.add(isA ? scoreA : scoreB);
    (isA ? partA : partB).add(isA ? scoreA : scoreB);
    return { index, context, hashA, hashB, coin };
  }
}
