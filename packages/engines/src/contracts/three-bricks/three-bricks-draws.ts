import type { TokenSequence } from "@tokenmark/core";
import { inRandpermHead } from "../../generators/torch/draws.ts";
import { greenLists } from "../../generators/torch/green-lists.ts";
import { torchGenerator } from "../../generators/torch/mt19937.ts";
import type { KeyedUniforms } from "../markllm/exponential-scheme.ts";
import { uniformRow } from "../markllm/uniform-row.ts";
import { checkInVocabulary } from "../unigram/check-vocabulary.ts";
import { windowSeed } from "./window-seed.ts";

/** What both Three Bricks marks are keyed by. */
export interface ThreeBricksSetting {
  readonly seed: bigint;
  readonly saltKey: bigint;
  /** Tokens of the context window. */
  readonly ngram: number;
  readonly vocabSize: number;
  /** The message, below the vocabulary size: lists and uniforms are shifted by it. */
  readonly payload: number;
}

/** Green lists by context window. */
export interface WindowLists {
  /** Tokens on a list: ⌊γV⌋. */
  readonly size: number;
  seed(tokens: TokenSequence, from: number, count: number): void;
  /** Whether a token is green in the loaded window; decided without the list. */
  isGreen(token: number): boolean;
  /** The same, by the list, which is kept: for whole vocabularies and for windows that come back. */
  isListed(token: number): boolean;
  /** What the generator saw of the window. */
  identity(): number;
}

/** Maryland's lists: the first ⌊γV⌋ of a permutation seeded by the window, shifted down by the payload. */
export function windowLists(setting: ThreeBricksSetting, gamma: number): WindowLists {
  const { seed: key, saltKey, vocabSize, payload } = setting;
  const size = Math.trunc(gamma * vocabSize);
  const hash = windowSeed(key, saltKey);
  const generator = torchGenerator(0);
  const lists = greenLists(vocabSize, size);
  const shifted = (token: number): number => (token + payload) % vocabSize;
  return {
    size,
    seed: hash.load,
    isGreen(token) {
      generator.seed(hash.low32());
      return inRandpermHead(generator, vocabSize, size, shifted(token));
    },
    isListed: (token) => lists.holds(hash.low32(), shifted(token)),
    identity: hash.low32,
  };
}

/** The uniforms of the OpenAI method: V of them seeded by the window, shifted down by the payload. */
export function windowUniforms({ seed: key, saltKey, vocabSize, payload }: ThreeBricksSetting): KeyedUniforms {
  const hash = windowSeed(key, saltKey);
  const row = uniformRow(vocabSize);
  return {
    seed(tokens, from, count) {
      hash.load(tokens, from, count);
      row.load(hash.low32());
    },
    uniform(token) {
      checkInVocabulary(token, vocabSize);
      return row.at((token + payload) % vocabSize);
    },
    identity: hash.low32,
  };
}
