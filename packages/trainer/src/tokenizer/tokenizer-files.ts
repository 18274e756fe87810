import { TrainerError } from "../errors.ts";
import { type BpeVocabulary, END_OF_TEXT } from "./train-bpe.ts";

/** Content of `tokenizer.json`: Hugging Face's fast-tokenizer format, byte-level BPE without a normaliser. */
export function tokenizerJson(vocabulary: BpeVocabulary): string {
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  return JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [
      {
        id: 0,
        content: END_OF_TEXT,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: byteLevel,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(vocabulary.tokens.map((token, id) => [token, id])),
      merges: vocabulary.merges.map((pair) => pair.join(" ")),
    },
  });
}

/** Content of `tokenizer_config.json`. Padding goes to the left, so that all rows of a batch end where generation starts. */
export function tokenizerConfigJson(maxLength: number): string {
  return `${JSON.stringify(
    {
      tokenizer_class: "PreTrainedTokenizerFast",
      model_max_length: maxLength,
      padding_side: "left",
      bos_token: END_OF_TEXT,
      eos_token: END_OF_TEXT,
      pad_token: END_OF_TEXT,
      clean_up_tokenization_spaces: false,
    },
    null,
    2,
  )}\n`;
}

/** Reads a vocabulary back from the content of a `tokenizer.json` that `tokenizerJson` wrote. */
export function parseTokenizerJson(json: string): BpeVocabulary {
  const { model } = JSON.parse(json) as { model?: { vocab?: Record<string, number>; merges?: string[] } };
  if (model?.vocab === undefined || model.merges === undefined || model.vocab[END_OF_TEXT] !== 0) {
    throw new TrainerError("tokenizer-mismatch", `tokenizer.json must hold a BPE model with ${END_OF_TEXT} as id 0`);
  }
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  return { tokens, merges: model.merges.map((pair) => pair.split(" ") as [string, string]) };
}
