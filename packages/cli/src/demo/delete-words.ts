import seedrandom from "seedrandom";

/** Deletes a share of a text's words, chosen by the seed, each with the white space behind it. */
export function deleteWords(text: string, share: number, seed: string): string {
  const words = text.match(/\s*\S+\s*?(?=\s|$)|\s+$/g) ?? [];
  const random = seedrandom(seed);
  const order = words.map((_, i) => ({ i, at: random() })).toSorted((a, b) => a.at - b.at);
  const deleted = new Set(order.slice(0, Math.round(share * words.length)).map(({ i }) => i));
  return words.filter((_, i) => !deleted.has(i)).join("");
}
