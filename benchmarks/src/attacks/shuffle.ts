import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawIndices, shareOf } from "./draws.ts";
import { joinSentences, splitSentences } from "./sentences.ts";

/** Moves sentences to one another's places; line and paragraph breaks stay where they are. */
export const shuffle: Attack = defineTextAttack({
  name: "shuffle",
  summary: "Sentences move to one another's places.",
  strengthMeans: "sentences that stand elsewhere",
  prepare: (strength) => (text, random) => {
    const { sentences, gaps } = splitSentences(text);
    const count = shareOf(strength, sentences.length);
    // One sentence cannot move alone; drawn places come in random order, so handing them on in a ring leaves none where it was.
    const places = drawIndices(sentences.length, count === 1 ? 2 : count, random);
    const moved = sentences.slice();
    places.forEach((place, i) => {
      moved[place] = sentences[places[(i + 1) % places.length]!]!;
    });
    return joinSentences({ sentences: moved, gaps });
  },
});
