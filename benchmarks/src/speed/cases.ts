import { dualGumbel, gumbel, type Key, kgw, synthid, unigram, type WatermarkScheme } from "@tokenmark/core";
import seedrandom from "seedrandom";

/** A scheme under measurement. */
export interface SpeedCase {
  readonly name: string;
  readonly scheme: WatermarkScheme;
}

/** The marking cases: every scheme with its defaults, and the other seedings of kgw. */
export function markingCases(key: Key): readonly SpeedCase[] {
  return [
    { name: "kgw lefthash, width 1", scheme: kgw(key, { seeding: "lefthash", contextWidth: 1 }) },
    { name: "kgw minhash, width 3", scheme: kgw(key, { seeding: "minhash", contextWidth: 3 }) },
    { name: "kgw selfhash, 3 + candidate", scheme: kgw(key) },
    { name: "unigram", scheme: unigram(key) },
    { name: "synthid, depth 30", scheme: synthid(key) },
    { name: "gumbel", scheme: gumbel(key) },
    { name: "dual-gumbel", scheme: dualGumbel(key) },
  ];
}

/** The detection cases, all of width 4. */
export function detectionCases(key: Key): readonly SpeedCase[] {
  return [
    { name: "kgw lefthash, width 4", scheme: kgw(key, { seeding: "lefthash", contextWidth: 4 }) },
    { name: "kgw minhash, width 4", scheme: kgw(key, { seeding: "minhash", contextWidth: 4 }) },
    { name: "kgw selfhash, 4 + candidate", scheme: kgw(key, { contextWidth: 4 }) },
    { name: "unigram", scheme: unigram(key) },
    { name: "synthid, depth 30", scheme: synthid(key) },
    { name: "gumbel", scheme: gumbel(key) },
    { name: "dual-gumbel", scheme: dualGumbel(key) },
  ];
}

/** Normal logits of standard deviation 3, about the spread of a small language model's. */
export function syntheticLogits(size: number, seed: string): Float32Array {
  const random = seedrandom(seed);
  // Box and Muller 1958.
  return Float32Array.from(
    { length: size },
    () => 3 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

/**
 * Token ids by Zipf's law, exponent 1.1, as words of a text come; which id has which rank is drawn, so that no table of ours is
 * favoured by frequent ids lying side by side.
 */
export function syntheticTokens(count: number, vocabulary: number, seed: string): Int32Array {
  const random = seedrandom(seed);
  const upTo = new Float64Array(vocabulary);
  let total = 0;
  for (let rank = 0; rank < vocabulary; rank++) {
    total += (rank + 1) ** -1.1;
    upTo[rank] = total;
  }
  const idOfRank = Int32Array.from({ length: vocabulary }, (_, id) => id);
  // Fisher and Yates 1938.
  for (let i = vocabulary - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const held = idOfRank[i]!;
    idOfRank[i] = idOfRank[j]!;
    idOfRank[j] = held;
  }
  return Int32Array.from({ length: count }, () => {
    const draw = random() * total;
    let low = 0;
    let high = vocabulary - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (upTo[middle]! > draw) high = middle;
      else low = middle + 1;
    }
    return idOfRank[low]!;
  });
}
