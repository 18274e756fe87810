/** Descriptions of tiny tokenizers, one of each family, in the form of tokenizer.json. */

const added = (content: string, id: number) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

const bpe = { type: "BPE", dropout: null, continuing_subword_prefix: null, end_of_word_suffix: null };

/** Byte-level BPE as GPT-2 has it: every byte, a few merges. */
export function byteLevelJson(): Record<string, unknown> {
  const tokens = ["<|endoftext|>"];
  for (let byte = 0, shifted = 256; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    tokens.push(String.fromCodePoint(printable ? byte : shifted++));
  }
  const merges = ["Ġ t", "h e", "Ġt he", "e n", "en d", "Ġ end", "O n", "c e", "On ce", "ð Ł", "ðŁ ĺ", "T he"];
  tokens.push(...merges.map((merge) => merge.replace(" ", "")));
  return {
    version: "1.0",
    added_tokens: [added("<|endoftext|>", 0)],
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel" },
    model: { ...bpe, unk_token: null, vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  };
}

/** SentencePiece-style BPE as Llama 2 has it: dummy prefix, ▁ for spaces, byte fallback. */
export function sentencePieceJson(): Record<string, unknown> {
  const tokens = ["<unk>", "<s>", "</s>"];
  for (let byte = 0; byte < 256; byte++) tokens.push(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  tokens.push("▁", ..."ThendOcupoatim.é");
  const merges = ["▁ T", "h e", "▁T he", "▁ e", "n d", "▁e nd", "▁ ▁", "▁ O"];
  tokens.push(...merges.map((merge) => merge.replace(" ", "")));
  return {
    version: "1.0",
    added_tokens: ["<unk>", "<s>", "</s>"].map(added),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [],
      special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } },
    },
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      ...bpe,
      unk_token: "<unk>",
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

/** WordPiece as BERT has it. */
export function wordPieceJson(): Record<string, unknown> {
  const tokens = ["[UNK]", "[PAD]", "on", "##ce", "up", "##on", "a", "time"];
  return {
    version: "1.0",
    added_tokens: ["[UNK]", "[PAD]"].map(added),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: null,
    decoder: { type: "WordPiece", prefix: "##", cleanup: false },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
  };
}
