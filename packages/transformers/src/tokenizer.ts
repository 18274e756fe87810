import type { Detokenizer, TextTokenizer, TokenId, TokenizerIdentity, TokenSequence } from "@tokenmark/core";
import { alignTokens } from "./align-tokens.ts";
import { createDetokenizer } from "./detokenizer.ts";
import { readTokenSurfaces, type TokenizerJson } from "./token-surfaces.ts";
import { digestTokenizer, PROBE_TEXT } from "./tokenizer-digest.ts";

/** What is used of a transformers.js tokenizer. */
export interface HostTokenizer {
  encode(text: string, options?: { add_special_tokens?: boolean }): number[];
  decode(tokens: number[], options?: { skip_special_tokens?: boolean; clean_up_tokenization_spaces?: boolean }): string;
  get_vocab(): Map<string, number>;
  readonly _tokenizerJSON: TokenizerJson;
}

/** A model's tokenizer, for detectors and generators. */
export interface ModelTokenizer extends TextTokenizer {
  /** For profiles: name, logits width, digest of vocabulary and behaviour. */
  readonly identity: TokenizerIdentity;
  /** Width of the model's logits; may be more than the tokens that have names. */
  readonly vocabularySize: number;
  /** Ids of the text alone, no special tokens added. */
  encode(text: string): readonly number[];
  /** Ids as the model wants a text to begin: with whatever special tokens the tokenizer adds. */
  encodePrompt(text: string): readonly number[];
  /** Text without special tokens, and without the space that SentencePiece puts before every text. */
  decode(tokens: TokenSequence): string;
  encodeWithOffsets(text: string): { readonly tokens: readonly number[]; readonly offsets: Uint32Array };
  /** UTF-8 bytes that a token stands for, none for special tokens; undefined where a token's text depends on its neighbours. */
  bytesOf(token: TokenId): Uint8Array | undefined;
  /** Decodes token by token behind `prompt`. @defaultValue no prompt */
  createDetokenizer(prompt?: TokenSequence): Detokenizer;
}

/**
 * Wraps a tokenizer that is already loaded, for example a pipeline's.
 *
 * @param vocabularySize Width of the model's logits: `vocab_size` in config.json.
 */
export async function wrapTokenizer(
  host: HostTokenizer,
  options: { readonly name: string; readonly vocabularySize: number },
): Promise<ModelTokenizer> {
  const { name, vocabularySize } = options;
  const vocabulary = host.get_vocab();
  const described = readTokenSurfaces(host._tokenizerJSON, vocabulary);
  const encode = (text: string): number[] => (text === "" ? [] : host.encode(text, { add_special_tokens: false }));
  const hostDecode = (tokens: number[]): string =>
    tokens.length === 0 ? "" : host.decode(tokens, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
  const probe = encode(PROBE_TEXT);

  function decodeBy(surfaces: typeof described | null, tokens: TokenSequence): string {
    const detokenizer = createDetokenizer(surfaces, hostDecode, []);
    let text = "";
    for (let i = 0; i < tokens.length; i++) text += detokenizer.push(tokens[i]!);
    return text + detokenizer.flush();
  }

  // Bytes read from the description are trusted only if they write what the host writes.
  const byBytes = probe.every((id) => described.bytes(id) !== undefined);
  const surfaces = byBytes && decodeBy(described, probe) === hostDecode(probe) ? described : null;
  const utf8 = new TextEncoder();
  const surfaceOf = (token: number): Uint8Array =>
    described.bytes(token) ?? utf8.encode(host.decode([token], { clean_up_tokenization_spaces: false }));
  const sha256 = await digestTokenizer(host._tokenizerJSON, vocabulary, probe);

  return Object.freeze({
    identity: Object.freeze({ name, vocabularySize, sha256 }),
    vocabularySize,
    encode,
    encodePrompt: (text: string) => host.encode(text),
    decode: (tokens: TokenSequence) =>
      surfaces === null ? hostDecode(Array.from(tokens)) : decodeBy(surfaces, tokens),
    encodeWithOffsets(text: string) {
      const tokens = encode(text);
      return { tokens, offsets: alignTokens(text, tokens.map(surfaceOf)) };
    },
    bytesOf: (token: TokenId) =>
      surfaces === null ? undefined : surfaces.special.has(token) ? new Uint8Array(0) : surfaces.bytes(token),
    createDetokenizer: (prompt: TokenSequence = []) => createDetokenizer(surfaces, hostDecode, prompt),
  });
}
