import type { TokenSequence } from "@tokenmark/core";
import { greenLists } from "../../generators/torch/green-lists.ts";
import { permutationHead } from "../../generators/torch/permutation-head.ts";
import { checkAllInVocabulary } from "../unigram/check-vocabulary.ts";
import type { ContextPrf } from "./context-prf.ts";

/** What a code base's lists depend on. */
export interface ListSetting {
  readonly prf: () => ContextPrf;
  readonly contextWidth: number;
  readonly reads: number;
  readonly selfSalt: boolean;
  readonly vocabSize: number;
  readonly gamma: number;
  readonly headIsGreen: boolean;
}

/** One scored window of an engine's detector. */
export interface GreenFlags {
  /** 1 where the window's last token is green. */
  readonly flags: Uint8Array;
  /** True at the first window with these tokens. */
  readonly isFirst: readonly boolean[];
}

/** A context's list in the order of the permutation, with the seed that drew it. */
export function greenList(
  setting: ListSetting,
  sequence: TokenSequence,
): { readonly seed: bigint; readonly list: Int32Array } {
  const { reads, vocabSize, gamma, headIsGreen } = setting;
  const prf = setting.prf();
  prf.load(sequence, sequence.length - reads, reads);
  const seed = (BigInt(prf.high32()) << 32n) | BigInt(prf.low32());
  const size = Math.trunc(vocabSize * gamma);
  if (headIsGreen) return { seed, list: permutationHead(vocabSize, size).list(prf.low32()).slice() };
  const all = permutationHead(vocabSize, vocabSize).list(prf.low32());
  return { seed, list: all.slice(vocabSize - size) };
}

/**
 * The windows of a KGW detector over a text, repeats marked: `contextWidth` tokens and the target, or for self-salted lists `contextWidth`
 * tokens with the target among them.
 *
 * @throws TokenmarkError `vocabulary-mismatch` for a target beyond the vocabulary.
 */
export function greenFlags(setting: ListSetting, tokens: TokenSequence): GreenFlags {
  const { contextWidth, reads, selfSalt, vocabSize, gamma, headIsGreen } = setting;
  const before = selfSalt ? contextWidth - 1 : contextWidth;
  const count = Math.max(0, tokens.length - before);
  checkAllInVocabulary(Array.prototype.slice.call(tokens, before), vocabSize);
  const size = Math.trunc(vocabSize * gamma);
  const lists = greenLists(vocabSize, headIsGreen ? size : vocabSize - size);
  const prf = setting.prf();
  const pairs = new Uint32Array(2 * count);
  const seen = new Set<string>();
  const isFirst: boolean[] = [];
  for (let i = 0; i < count; i++) {
    const target = before + i;
    const end = selfSalt ? target + 1 : target;
    prf.load(tokens, end - reads, reads);
    pairs[2 * i] = prf.low32();
    pairs[2 * i + 1] = tokens[target]!;
    const window = Array.prototype.slice.call(tokens, i, target + 1).join();
    isFirst.push(!seen.has(window));
    seen.add(window);
  }
  const answers = new Float64Array(count);
  lists.answer(pairs, answers);
  return { flags: Uint8Array.from(answers, (inHead) => (headIsGreen ? inHead : 1 - inHead)), isFirst };
}
