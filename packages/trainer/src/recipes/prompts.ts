import { sentences } from "../corpus/deduplicate.ts";
import { TrainerError } from "../errors.ts";

const SHORTEST_WORDS = 4;
const LONGEST_WORDS = 8;

/** In characters; longer ones are lists of names. */
const LONGEST = 48;

/** `count` different openings of sentences of `text`, spread evenly over it: four to eight words and at most 48 characters, no quotation marks, digits or
 * brackets, ending in a letter. From held-out text they are in a model's register without being anything it was trained on. */
export function promptsFrom(text: string, count: number): string[] {
  const openings = new Set<string>();
  for (const [i, sentence] of text.split("\n").flatMap(sentences).entries()) {
    const words = sentence.split(" ");
    // Lengths take turns, so that the set is not all of one size.
    const wanted = SHORTEST_WORDS + (i % (LONGEST_WORDS - SHORTEST_WORDS + 1));
    const opening = words.slice(0, wanted).join(" ");
    if (words.length >= wanted + 2 && opening.length <= LONGEST && /^[A-Z]['a-zA-Z,; -]+[a-z]$/.test(opening))
      openings.add(opening);
  }
  const all = [...openings];
  if (all.length < count) {
    throw new TrainerError(
      "corpus-empty",
      `the text must hold ${count} usable openings of sentences, got ${all.length}`,
    );
  }
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!);
}

/** Source of the module that bundles `prompts`. */
export function promptsModule(prompts: readonly string[]): string {
  const lines = prompts.map((prompt) => `  ${JSON.stringify(prompt)},`).join("\n");
  return `/** Short openings in the model's register, taken from sentences of \`evaluation/held-out.txt\` that it was not trained on;
 * made by \`packages/trainer/src/main.ts prompts\`. */
export const prompts: readonly string[] = [
${lines}
];
`;
}
