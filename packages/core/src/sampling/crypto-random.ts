const CHUNK = 64;

/** Uniform on [0, 1) with 53 bits from the platform's cryptographic generator. */
export function cryptoRandom(): () => number {
  const words = new Uint32Array(2 * CHUNK);
  let at = words.length;
  return () => {
    if (at === words.length) {
      globalThis.crypto.getRandomValues(words);
      at = 0;
    }
    const high = words[at++]! >>> 5;
    const low = words[at++]! >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  };
}
