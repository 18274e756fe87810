/** How far ahead a token's bytes are looked for where the tokenizer's normaliser has changed the text. */
const LOOK_AHEAD = 32;
const SPACE = 0x20;

function matches(bytes: Uint8Array, at: number, surface: Uint8Array, from: number): boolean {
  if (at + surface.length - from > bytes.length) return false;
  for (let i = from; i < surface.length; i++) if (bytes[at + i - from] !== surface[i]) return false;
  return true;
}

/** Where in `bytes` a token ends that begins at `at`, or −1. A leading space may be the tokenizer's own, not the text's. */
function endAt(bytes: Uint8Array, at: number, surface: Uint8Array): number {
  if (matches(bytes, at, surface, 0)) return at + surface.length;
  return surface[0] === SPACE && matches(bytes, at, surface, 1) ? at + surface.length - 1 : -1;
}

function findEnd(bytes: Uint8Array, at: number, surface: Uint8Array): number {
  const here = endAt(bytes, at, surface);
  if (here >= 0 || surface.length === 0) return Math.max(here, at);
  for (let ahead = at + 1; ahead <= Math.min(at + LOOK_AHEAD, bytes.length - 1); ahead++) {
    if (matches(bytes, ahead, surface, 0)) return ahead + surface.length;
  }
  return at;
}

/**
 * Character offsets of tokens: offsets[2i], offsets[2i + 1] bound token i in UTF-16 units, and the slices, concatenated, are the text.
 *
 * Tokens are laid on the text's bytes one after another. A character that several tokens share belongs to the one that completes
 * it; the others are empty. Where a normaliser has changed the text (lower case, composed accents) the bounds nearby are
 * approximate, but still a partition.
 */
export function alignTokens(text: string, surfaces: readonly Uint8Array[]): Uint32Array {
  const bytes = new TextEncoder().encode(text);
  const offsets = new Uint32Array(2 * surfaces.length);
  let byte = 0;
  let unit = 0;
  let unitByte = 0;
  for (let i = 0; i < surfaces.length; i++) {
    byte = i === surfaces.length - 1 ? bytes.length : findEnd(bytes, byte, surfaces[i]!);
    offsets[2 * i] = unit;
    while (unit < text.length) {
      const point = text.codePointAt(unit)!;
      const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (unitByte + size > byte) break;
      unitByte += size;
      unit += point < 0x10000 ? 1 : 2;
    }
    offsets[2 * i + 1] = unit;
  }
  return offsets;
}
