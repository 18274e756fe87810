/** A fixed text that makes tokenizers show how they treat scripts, spaces, digits, accents, emoji and markup. */
export const PROBE_TEXT: string = [
  "Hello, world! It’s 12:30 on 2026-11-23.  Two  spaces, \t tabs\n\nand lines;",
  " naïve café / nai\u0308ve cafe\u0301, STRASSE ﬁn, Ελληνικά, русский текст, العربية, हिन्दी, 中文字, 日本語かな, 한국어.",
  " 😀👩‍👩‍👧 𝒳 function(x) { return x_1 + 3.14e-5; } <s></s> <|endoftext|> http://example.org/?q=a&b",
].join("");

/**
 * Names a tokenizer by what it does: SHA-256, in hex, over its listing (one line `id TAB token as JSON` for each id in order) and its
 * ids for {@link PROBE_TEXT}. Key order and white space of tokenizer.json do not enter; a changed merge, token or normaliser does.
 */
export async function digestTokenizer(
  vocabulary: ReadonlyMap<string, number>,
  probeIds: ArrayLike<number>,
): Promise<string> {
  const listing = Array.from(vocabulary)
    .filter(([token]) => typeof token === "string")
    .sort(([, a], [, b]) => a - b)
    .map(([token, id]) => `${id}\t${JSON.stringify(token)}\n`);
  const text = `tokenmark-tokenizer/1\n${listing.join("")}probe\t${Array.from(probeIds).join(",")}\n`;
  const digest = await globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
