/**
 * Where a character that is not finished begins, or the length of the bytes if they end well. Only the last four bytes are looked
 * at, so a stray continuation byte passes: llama-server reports it as U+FFFD, with probabilities.
 */
export function wholeLength(bytes: string): number {
  const length = bytes.length;
  for (let back = 1; back <= 4 && back <= length; back++) {
    const byte = bytes.charCodeAt(length - back);
    const wanted = byte >= 0xf8 ? 0 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0;
    if (wanted > back) return length - back;
  }
  return length;
}
