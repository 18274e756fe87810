/** llama.cpp's token types, as its GGUF files number them. */
const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const BYTE = 6;

/** SentencePiece's sign for a space. */
const SPACE = "\u2581";
/** By their frequency in English. */
const LETTERS = "etaoinshrdlcumwfgypbvkjxqz";
const SIGNS = ".,'!?-\n";

/** A SentencePiece vocabulary as a GGUF file holds it. */
export interface TinyVocabulary {
  readonly pieces: readonly string[];
  /** The tokenizer merges the neighbours with the highest score first. */
  readonly scores: Float32Array;
  readonly types: Int32Array;
  readonly unknown: number;
  readonly bos: number;
  readonly eos: number;
  /** Ids of `<0x00>` … `<0xFF>` begin here, in order. */
  readonly firstByte: number;
  /** Ids from here on are words, parts of words and signs; those of one character come first. */
  readonly firstPiece: number;
}

/**
 * Makes a small vocabulary: `<unk>`, `<s>`, `</s>`, 256 byte tokens, the plain letters and signs, and word pieces that are made like
 * byte-pair merges, each of two pieces before it, so that the tokenizer can reach every one of them.
 *
 * @param size At least 320.
 * @param random Uniform on [0, 1); chooses the merges.
 */
export function createTinyVocabulary(size: number, random: () => number): TinyVocabulary {
  if (!(size >= 320)) throw new RangeError(`size: wanted at least 320 tokens, got ${size}`);
  const pieces = ["<unk>", "<s>", "</s>"];
  const types = [UNKNOWN, CONTROL, CONTROL];
  const firstByte = pieces.length;
  for (let byte = 0; byte < 256; byte++) {
    pieces.push(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
    types.push(BYTE);
  }
  const firstPiece = pieces.length;
  pieces.push(SPACE, ...LETTERS, ...SIGNS);
  const known = new Set(pieces);
  while (pieces.length < size) {
    // Squaring prefers early, that is frequent, pieces, as merges in a text would.
    const pick = (from: number, count: number): string => pieces[from + Math.floor(random() ** 2 * count)]!;
    let left = pick(firstPiece, pieces.length - firstPiece);
    const right = pick(firstPiece + 1, LETTERS.length);
    if (random() < 0.3) left = SPACE;
    const merged = left + right;
    if (!/[a-z\u2581]$/.test(left) || merged.length > 7 || known.has(merged)) continue;
    known.add(merged);
    pieces.push(merged);
  }
  while (types.length < size) types.push(NORMAL);
  const scores = Float32Array.from(pieces, (_, id) => (id < firstPiece ? 0 : firstPiece - id));
  return { pieces, scores, types: Int32Array.from(types), unknown: 0, bos: 1, eos: 2, firstByte, firstPiece };
}
