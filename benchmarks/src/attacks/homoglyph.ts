import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawIndices, shareOf } from "./draws.ts";

/** Latin letters and letters of other scripts that most fonts draw alike (Unicode Technical Standard #39, confusables.txt). */
const PAIRS: readonly (readonly [latin: string, other: string])[] = Object.freeze(
  [
    "A\u0410 B\u0412 C\u0421 E\u0415 G\u050c H\u041d I\u0406 J\u0408 K\u041a M\u041c N\u039d O\u041e P\u0420 S\u0405 T\u0422 V\u0474",
    "W\u051c X\u0425 Y\u04ae Z\u0396",
    "a\u0430 c\u0441 d\u0501 e\u0435 h\u04bb i\u0456 j\u0458 l\u04c0 n\u0578 o\u043e p\u0440 q\u051b s\u0455 u\u057d v\u0475 w\u051d",
    "x\u0445 y\u0443",
  ]
    .join(" ")
    .split(" ")
    .map((pair) => [pair[0]!, pair[1]!] as const),
);

/** The look-alike of each letter that has one: Latin to other scripts, and those back to Latin. */
export const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  PAIRS.flatMap(([latin, other]) => [
    [latin, other],
    [other, latin],
  ]),
);

/** Replaces letters by letters of other scripts that look the same: nothing to see, but other tokens. */
export const homoglyph: Attack = defineTextAttack({
  name: "homoglyph",
  summary: "Letters are replaced by letters of other scripts that look the same.",
  strengthMeans: "letters replaced, of those that have a look-alike",
  prepare: (strength) => (text, random) => {
    const characters = Array.from(text);
    const places = characters.flatMap((character, i) => (LOOK_ALIKES.has(character) ? [i] : []));
    for (const which of drawIndices(places.length, shareOf(strength, places.length), random)) {
      const place = places[which]!;
      characters[place] = LOOK_ALIKES.get(characters[place]!)!;
    }
    return characters.join("");
  },
});
