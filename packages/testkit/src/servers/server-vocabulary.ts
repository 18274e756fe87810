import { type TokenId, TokenmarkError, type TokenSequence } from "@tokenmark/core";

/** What a fake server knows of its tokens. Byte strings are latin1: one character a byte. */
export interface ServerVocabulary {
  readonly size: number;
  /** Bytes that a token spells; "" for special tokens. */
  bytesOf(token: TokenId): string;
  /** How a special token is written (`</s>`); `undefined` for others. */
  specialText(token: TokenId): string | undefined;
  readonly bos: TokenId | null;
  readonly endTokens: readonly TokenId[];
  /** Ids of a text. Special tokens written in it are recognised. Empty text gives no token, but for BOS. */
  encode(text: string, options?: { readonly addSpecial?: boolean }): TokenId[];
  /** Text of tokens, invalid UTF-8 as U+FFFD. @defaultValue specials are not written */
  decode(tokens: TokenSequence, options?: { readonly special?: boolean }): string;
}

/** Options of {@link createServerVocabulary}. */
export interface ServerVocabularyOptions {
  /** bytes[id]: what token id spells; empty for special tokens. */
  readonly bytes: readonly Uint8Array[];
  /** How special tokens are written. @defaultValue none */
  readonly special?: ReadonlyMap<TokenId, string>;
  /** Put before every prompt that comes as text. @defaultValue null: none */
  readonly bos?: TokenId | null;
  readonly endTokens: readonly TokenId[];
  /** Tokens that text is encoded to only where no other spells the bytes: Llama's byte tokens. @defaultValue none */
  readonly fallback?: ReadonlySet<TokenId>;
  /** SentencePiece's habit: a space before the text, so that re-encoded pieces gain one. @defaultValue false */
  readonly spacePrefix?: boolean;
  /** The tokenizer's own encoder, for text without special tokens. @defaultValue longest match over `bytes` */
  readonly encode?: (text: string) => TokenSequence;
}

/** latin1 byte string to text; each ill-formed sequence becomes U+FFFD. */
export const textOfBytes = (bytes: string): string => Buffer.from(bytes, "latin1").toString("utf8");
/** Text to its UTF-8 bytes as a latin1 string. */
export const bytesOfText = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** Makes a vocabulary from the bytes of its tokens. @throws TokenmarkError `bad-argument` from `encode`, if no token spells a byte. */
export function createServerVocabulary(options: ServerVocabularyOptions): ServerVocabulary {
  const { bytes, special = new Map<TokenId, string>(), bos = null, endTokens, spacePrefix = false } = options;
  const spelling = bytes.map((piece) => Buffer.from(piece).toString("latin1"));
  const fallback = options.fallback ?? new Set<TokenId>();
  const byBytes = new Map<string, TokenId>();
  for (const last of [false, true])
    for (let token = 0; token < spelling.length; token++)
      if (fallback.has(token) === last && !byBytes.has(spelling[token]!)) byBytes.set(spelling[token]!, token);
  const bySpecial = new Map(Array.from(special, ([token, text]) => [text, token]));
  const longest = spelling.reduce((most, piece) => Math.max(most, piece.length), 1);
  const specials = special.size === 0 ? null : new RegExp(`(${[...special.values()].map(escapeRegExp).join("|")})`);

  function longestMatch(text: string): TokenId[] {
    const rest = bytesOfText(text);
    const tokens: TokenId[] = [];
    for (let at = 0; at < rest.length; ) {
      let length = Math.min(longest, rest.length - at);
      while (length > 0 && !byBytes.has(rest.slice(at, at + length))) length--;
      if (length === 0)
        throw new TokenmarkError("bad-argument", `encode: wanted a token for every byte, got none for ${rest[at]}`);
      tokens.push(byBytes.get(rest.slice(at, at + length))!);
      at += length;
    }
    return tokens;
  }
  const encodePlain = options.encode ?? longestMatch;

  return Object.freeze({
    size: bytes.length,
    bytesOf: (token: TokenId) => spelling[token] ?? "",
    specialText: (token: TokenId) => special.get(token),
    bos,
    endTokens,
    encode(text: string, { addSpecial = false }: { addSpecial?: boolean } = {}): TokenId[] {
      const tokens: TokenId[] = addSpecial && bos !== null ? [bos] : [];
      for (const part of specials === null ? [text] : text.split(specials)) {
        const token = bySpecial.get(part);
        if (token !== undefined) tokens.push(token);
        else if (part !== "") tokens.push(...Array.from(encodePlain(spacePrefix ? ` ${part}` : part)));
      }
      return tokens;
    },
    decode(tokens: TokenSequence, { special: written = false }: { special?: boolean } = {}): string {
      let all = "";
      for (let i = 0; i < tokens.length; i++) {
        const token = tokens[i]!;
        all += written && special.has(token) ? bytesOfText(special.get(token)!) : (spelling[token] ?? "");
      }
      return textOfBytes(all);
    },
  });
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
