import {
  type SourceCall,
  type TextTokenizer,
  type TokenId,
  type TokenizerIdentity,
  TokenmarkError,
} from "@tokenmark/core";
import type { ServerSource } from "./server-source.ts";

/** Texts that make tokenizers show how they treat scripts, spaces, digits, accents, emoji and markup. */
const PROBES: readonly string[] = [
  "Hello, world! The quick brown fox jumps over the lazy dog.",
  "It’s 12:30 on 2026-11-23; 3.14e-5, 1000000 and x_1 + y2.",
  "Two  spaces,   three, a\ttab\n\nand lines",
  "naïve café / nai\u0308ve cafe\u0301, STRASSE ﬁn",
  "Ελληνικά, русский текст, العربية, हिन्दी",
  "中文字, 日本語かな, 한국어",
  "😀👩‍👩‍👧 𝒳",
  "function(x) { return x; } // http://example.org/?q=a&b",
];

/** Ids of the probes by the server's own tokenizer, no special tokens added. */
async function probeIds(source: ServerSource, call: SourceCall): Promise<readonly (readonly TokenId[])[]> {
  const ids: (readonly TokenId[])[] = [];
  for (const text of PROBES) ids.push(await source.encode(text, { ...call, addSpecial: false }));
  return ids;
}

/**
 * Refuses a server whose tokenizer does not give the ids that a tokenizer at hand gives: text marked through it would read as
 * unmarked. A space that SentencePiece servers put before every text is let pass.
 *
 * @throws TokenmarkError `tokenizer-mismatch`.
 */
export async function checkServerTokenizer(
  source: ServerSource,
  tokenizer: Pick<TextTokenizer, "encode">,
  call: SourceCall = {},
): Promise<void> {
  const ids = await probeIds(source, call);
  for (const [i, text] of PROBES.entries()) {
    const own = Array.from(tokenizer.encode(text));
    const spaced = Array.from(tokenizer.encode(` ${text}`));
    if (String(ids[i]) === String(own) || String(ids[i]) === String(spaced)) continue;
    throw new TokenmarkError(
      "tokenizer-mismatch",
      `tokenizer: wanted the server ${source.address} to read ${JSON.stringify(text)} as ${own.length} tokens beginning ${own.slice(0, 4).join(" ")}, got ${ids[i]!.length} beginning ${ids[i]!.slice(0, 4).join(" ")}; it serves another model than the profile is for`,
    );
  }
}

/**
 * Names a server's tokenizer by what it does to the probes, where no tokenizer is at hand: equal digests encode them alike. It is not
 * the digest that a tokenizer.json of the same model has.
 *
 * @throws TokenmarkError `unsupported-server` if the server does not tell its vocabulary's size.
 */
export async function serverTokenizerIdentity(source: ServerSource, call: SourceCall = {}): Promise<TokenizerIdentity> {
  const { model, vocabularySize } = await source.facts(call);
  if (vocabularySize === null) {
    throw new TokenmarkError(
      "unsupported-server",
      `server ${source.address}: does not tell the size of its vocabulary; give the model's tokenizer`,
    );
  }
  const lines = (await probeIds(source, call)).map((ids) => ids.join(","));
  const text = ["tokenmark-server-tokenizer/1", `${vocabularySize}`, ...lines].join("\n");
  const digest = await globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return Object.freeze({ name: model ?? source.name, vocabularySize, sha256 });
}
