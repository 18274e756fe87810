/** The printable character that stands for each byte in a byte-level vocabulary (Radford et al. 2019): printable Latin-1
 * bytes stand for themselves, the other 68 for U+0100 onwards in order. */
export const BYTE_CHARACTERS: readonly string[] = byteCharacters();

/** The byte of each character above. */
export const CHARACTER_BYTES: ReadonlyMap<string, number> = new Map(
  BYTE_CHARACTERS.map((character, byte) => [character, byte]),
);

function byteCharacters(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
}
