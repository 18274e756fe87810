import fc from "fast-check";
import { expect, test } from "vitest";
import { TrainerError } from "../src/errors.ts";
import { createBpeTokenizer } from "../src/tokenizer/bpe-tokenizer.ts";
import { parseTokenizerJson, tokenizerJson } from "../src/tokenizer/tokenizer-files.ts";
import { END_OF_TEXT, trainBpe } from "../src/tokenizer/train-bpe.ts";
import { TOY_TEXT } from "./toy-text.ts";

const vocabulary = trainBpe([TOY_TEXT], 320);
const tokenizer = createBpeTokenizer(vocabulary);

test("the first merge is the most frequent pair, and ties go to the smaller ids", () => {
  expect(trainBpe(["ab ab ab cd cd"], 258).merges).toEqual([["a", "b"]]);
  expect(trainBpe(["cd", "ab"], 258).merges).toEqual([["a", "b"]]);
});

test("merging stops early when no pair is left", () => {
  expect(trainBpe(["ab"], 400).tokens).toHaveLength(258);
});

test("any text comes back from its ids", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test("learnt words take fewer tokens than bytes", () => {
  expect(tokenizer.encode(TOY_TEXT).length).toBeLessThan(0.6 * TOY_TEXT.length);
});

test("text never becomes the end-of-text token", () => {
  expect(tokenizer.encode(END_OF_TEXT)).not.toContain(tokenizer.endOfText);
});

test("tokenizer.json holds the whole vocabulary", () => {
  expect(parseTokenizerJson(tokenizerJson(vocabulary))).toEqual(vocabulary);
});

test("a tokenizer.json of another kind is named", () => {
  expect(() => parseTokenizerJson('{"model":{"vocab":{"a":0},"merges":[]}}')).toThrow(TrainerError);
});

test("a vocabulary smaller than the bytes is refused", () => {
  expect(() => trainBpe(["a"], 100)).toThrow(/257 to 65535, got 100/);
});
