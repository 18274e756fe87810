import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PreTrainedTokenizer } from "@huggingface/transformers";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type HostTokenizer, loadTokenizer, type ModelTokenizer, wrapTokenizer } from "../src/index.ts";
import { modelFolder, modelFolders } from "./model-folder.ts";
import { byteLevelJson, sentencePieceJson, wordPieceJson } from "./small-tokenizers.ts";

const wrap = (json: object): Promise<ModelTokenizer> =>
  wrapTokenizer(new PreTrainedTokenizer(json, {}) as unknown as HostTokenizer, { name: "test", vocabularySize: 600 });

const loaders: [string, () => Promise<ModelTokenizer>][] = [
  ...modelFolders.map((folder): [string, () => Promise<ModelTokenizer>] => [folder, () => loadTokenizer(folder)]),
  ["a byte-level BPE", () => wrap(byteLevelJson())],
  ["a SentencePiece BPE with byte fallback", () => wrap(sentencePieceJson())],
];

const LONE_SURROGATE = /\p{Cs}/u;

// SentencePiece writes the space as "▁" (U+2581), so a "▁" in a text comes back as a space: the one character left out here.
const anyText = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom("a", " ", "  ", "\n", "😀", "👩‍👧", "é", "e\u0301", "中", "Once upon", ".", "\t"),
      maxLength: 20,
    }),
  )
  .map((text) => text.replaceAll("\u2581", "_"));

describe.each(loaders)("%s", (_, load) => {
  let tokenizer: ModelTokenizer;
  beforeAll(async () => {
    tokenizer = await load();
  });

  test("the slices that offsets cut, concatenated, are the text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { tokens, offsets } = tokenizer.encodeWithOffsets(text);
        const slices = Array.from(tokens, (_, i) => text.slice(offsets[2 * i], offsets[2 * i + 1]));
        expect(tokens).toEqual(tokenizer.encode(text));
        expect(slices.join("")).toBe(tokens.length === 0 ? "" : text);
        expect(slices.some((slice) => LONE_SURROGATE.test(slice))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test("decoding gives the text back, at once and piece by piece, and no piece ends inside a character", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tokens = tokenizer.encode(text);
        expect(tokenizer.decode(tokens)).toBe(text);
        const detokenizer = tokenizer.createDetokenizer();
        const pieces = [...tokens.map((token) => detokenizer.push(token)), detokenizer.flush()];
        expect(pieces.join("")).toBe(text);
        expect(pieces.some((piece) => LONE_SURROGATE.test(piece))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test("offsets name the words that tokens write", () => {
    const text = "The end. 😀 The end";
    const { tokens, offsets } = tokenizer.encodeWithOffsets(text);
    tokens.forEach((token, i) => {
      const slice = text.slice(offsets[2 * i], offsets[2 * i + 1]);
      if (slice !== "" && slice !== "😀") expect(tokenizer.decode([token]).trim()).toBe(slice.trim());
    });
  });
});

test("tokens that break off a character decode to U+FFFD, and the text after them is whole", async () => {
  const tokenizer = await wrap(byteLevelJson());
  const [first] = tokenizer.encode("😀");
  expect(tokenizer.decode([first!, ...tokenizer.encode("ok")])).toBe("\uFFFDok");
  expect(tokenizer.decode([...tokenizer.encode("ok"), first!])).toBe("ok\uFFFD");
});

test("a tokenizer whose tokens stand for no bytes (WordPiece) streams what it decodes, and its offsets are a partition", async () => {
  const tokenizer = await wrap(wordPieceJson());
  const tokens = tokenizer.encode("once upon a time");
  const detokenizer = tokenizer.createDetokenizer();
  const text = tokens.map((token) => detokenizer.push(token)).join("") + detokenizer.flush();
  expect(text).toBe(tokenizer.decode(tokens));
  expect(text).toBe("once upon a time");
  const { offsets } = tokenizer.encodeWithOffsets(text);
  expect(tokens.map((_, i) => text.slice(offsets[2 * i], offsets[2 * i + 1])).join("")).toBe(text);
});

test("the digest ignores how tokenizer.json is written and sees a changed vocabulary, merge list or normaliser", async () => {
  const json = byteLevelJson();
  const { sha256 } = (await wrap(json)).identity;
  const reordered = JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(json).toReversed()), null, 4));
  expect((await wrap(reordered)).identity.sha256).toBe(sha256);
  const model = json.model as { vocab: Record<string, number>; merges: string[] };
  const changes = [
    { ...json, normalizer: { type: "Lowercase" } },
    { ...json, model: { ...model, merges: model.merges.slice(0, -1) } },
    { ...json, model: { ...model, vocab: { ...model.vocab, zzz: 400 } } },
  ];
  const digests = await Promise.all(changes.map(async (changed) => (await wrap(changed)).identity.sha256));
  expect(new Set([sha256, ...digests]).size).toBe(4);
});

test("the identity's width is the model's logits width, and encode adds no special token while encodePrompt does what the tokenizer does", async () => {
  const tokenizer = await loadTokenizer(modelFolder);
  const config = JSON.parse(readFileSync(join(modelFolder, "config.json"), "utf8"));
  expect(tokenizer.identity.vocabularySize).toBe(config.vocab_size);
  expect((await loadTokenizer(modelFolder, { name: "shipped" })).identity).toEqual({
    ...tokenizer.identity,
    name: "shipped",
  });
  expect(tokenizer.encodePrompt("A dog").slice(-tokenizer.encode("A dog").length)).toEqual(tokenizer.encode("A dog"));
  const special = await wrap(sentencePieceJson());
  expect(special.encodePrompt("a")).toEqual([1, ...special.encode("a")]);
});
