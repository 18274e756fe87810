import type { TokenizerJson } from "./token-surfaces.ts";

/** A fixed text that makes tokenizers show how they treat scripts, spaces, digits, accents, emoji and markup. */
export const PROBE_TEXT: string = [
  "Hello, world! It’s 12:30 on 2026-11-23.  Two  spaces, \t tabs\n\nand lines;",
  " naïve café / nai\u0308ve cafe\u0301, STRASSE ﬁn, Ελληνικά, русский текст, العربية, हिन्दी, 中文字, 日本語かな, 한국어.",
  " 😀👩‍👩‍👧 𝒳 function(x) { return x_1 + 3.14e-5; } <s></s> <|endoftext|> http://example.org/?q=a&b",
].join("");

/** What the listing of tokens does not show: in which order a BPE merges, what a Unigram token weighs. */
function rulesOf(json: TokenizerJson): readonly string[] {
  const { merges = [], vocab } = json.model ?? {};
  const weights = Array.isArray(vocab) ? (vocab as readonly unknown[]) : [];
  return [
    // Written "a b" or ["a", "b"], by the exporter's age.
    ...merges.map((merge) => `merge\t${JSON.stringify(typeof merge === "string" ? merge : merge.join(" "))}\n`),
    ...weights.map((entry) => `weight\t${JSON.stringify(entry)}\n`),
  ];
}

/**
 * Names a tokenizer by what it does: SHA-256, in hex, over its listing (a line `id TAB token` for each id in order), its merges or
 * weights in order, and its ids for {@link PROBE_TEXT}. How tokenizer.json is laid out does not enter; a changed token or merge does,
 * and so does a normaliser or pre-tokenizer that treats the probe differently.
 */
export async function digestTokenizer(
  json: TokenizerJson,
  vocabulary: ReadonlyMap<string, number>,
  probeIds: ArrayLike<number>,
): Promise<string> {
  const listing = Array.from(vocabulary)
    .filter(([token]) => typeof token === "string")
    .sort(([, a], [, b]) => a - b)
    .map(([token, id]) => `${id}\t${JSON.stringify(token)}\n`);
  const probe = `probe\t${Array.from(probeIds).join(",")}\n`;
  const text = ["tokenmark-tokenizer/1\n", ...listing, ...rulesOf(json), probe].join("");
  const digest = await globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
