/** What is read of tokenizer.json. */
export interface TokenizerJson {
  readonly model?: { readonly merges?: readonly (string | readonly string[])[]; readonly vocab?: unknown };
  readonly decoder?: DecoderJson | null;
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special?: boolean }[];
}
interface DecoderJson {
  readonly type?: string;
  readonly decoders?: readonly DecoderJson[];
  readonly content?: string;
  readonly start?: number;
}

/** What each token writes. */
export interface TokenSurfaces {
  /** UTF-8 bytes of a token, special tokens as their names; undefined where the decoder is not one of bytes. */
  bytes(token: number): Uint8Array | undefined;
  /** True if a text's first space is no part of it (SentencePiece's dummy prefix). */
  readonly dropsFirstSpace: boolean;
  readonly special: ReadonlySet<number>;
}

/** GPT-2's map of printable characters to bytes (Radford et al. 2019, `bytes_to_unicode`), inverted. */
function byteLevelAlphabet(): ReadonlyMap<string, number> {
  const alphabet = new Map<string, number>();
  let shifted = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
    alphabet.set(String.fromCodePoint(printable ? byte : shifted++), byte);
  }
  return alphabet;
}

function flatten(decoder: DecoderJson | null | undefined): readonly DecoderJson[] {
  if (!decoder) return [];
  return decoder.type === "Sequence" ? (decoder.decoders ?? []).flatMap(flatten) : [decoder];
}

/**
 * Reads from a tokenizer's own description what bytes its tokens stand for: byte-level BPE (GPT-2, Llama 3, Qwen) and
 * SentencePiece style with or without byte fallback (Llama 2, Gemma, Mistral). Other decoders (WordPiece, CTC) write text that
 * depends on a token's neighbours; their `bytes` are undefined.
 */
export function readTokenSurfaces(json: TokenizerJson, vocabulary: ReadonlyMap<string, number>): TokenSurfaces {
  const steps = flatten(json.decoder);
  const has = (type: string): boolean => steps.some((step) => step.type === type);
  const added = new Map((json.added_tokens ?? []).map(({ id, content }) => [id, content]));
  const special = new Set((json.added_tokens ?? []).filter((token) => token.special === true).map(({ id }) => id));
  const names: string[] = [];
  for (const [token, id] of vocabulary) if (typeof token === "string") names[id] = token;
  const utf8 = new TextEncoder();
  const alphabet = has("ByteLevel") ? byteLevelAlphabet() : undefined;
  const sentencePiece = !alphabet && (has("Metaspace") || has("Replace"));
  const fallback = has("ByteFallback");

  function read(token: number): Uint8Array {
    const name = added.get(token) ?? names[token] ?? "";
    if (added.has(token)) return utf8.encode(sentencePiece ? name.replaceAll("▁", " ") : name);
    if (alphabet) return Uint8Array.from(Array.from(name, (char) => alphabet.get(char) ?? 0x3f));
    if (fallback && /^<0x[0-9A-Fa-f]{2}>$/.test(name)) return Uint8Array.of(Number.parseInt(name.slice(3, 5), 16));
    return utf8.encode(name.replaceAll("▁", " "));
  }

  const cache: (Uint8Array | undefined)[] = [];
  return Object.freeze({
    bytes(token: number): Uint8Array | undefined {
      if (!alphabet && !sentencePiece) return undefined;
      cache[token] ??= read(token);
      return cache[token];
    },
    dropsFirstSpace:
      !alphabet &&
      steps.some(
        ({ type, content, start }) => type === "Metaspace" || (type === "Strip" && content === " " && (start ?? 0) > 0),
      ),
    special,
  });
}
