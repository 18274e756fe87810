import { basename } from "node:path";
import type { Document } from "../corpus/document.ts";
import { encodeDocuments } from "../corpus/encode-documents.ts";
import { readCorpusFile } from "../corpus/read-sources.ts";
import { exportModel } from "../export/export-model.ts";
import { createBpeTokenizer } from "../tokenizer/bpe-tokenizer.ts";
import { trainBpe } from "../tokenizer/train-bpe.ts";
import { progressLine } from "../training/progress-line.ts";
import { train } from "../training/train.ts";

/** Sizes and schedule of a model trained on a few files. */
export interface TrainOnFilesOptions {
  readonly out: string;
  readonly seed: string;
  readonly steps: number;
  readonly batch: number;
  readonly context: number;
  readonly vocab: number;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly hidden: number;
  readonly learningRate: number;
  readonly threads: number;
  readonly checkpoint?: string;
}

/** Steps of warm-up, at most a tenth of the run. */
const WARMUP = 100;

/** Learns a tokenizer on the files, trains a model from scratch and exports it in fp32 and int8. */
export async function trainOnFiles(
  files: readonly string[],
  options: TrainOnFilesOptions,
  log: (line: string) => void,
): Promise<void> {
  const documents: Document[] = files.map((file) => ({
    source: "file",
    title: basename(file),
    paragraphs: readCorpusFile(file)
      .split("\n")
      .filter((line) => line.trim().length > 0),
  }));
  const vocabulary = trainBpe(
    documents.flatMap(({ paragraphs }) => paragraphs),
    options.vocab,
  );
  const tokens = encodeDocuments(documents, createBpeTokenizer(vocabulary));
  const { layers, width, heads, hidden, context, steps, batch, seed, threads, checkpoint } = options;
  const config = { vocabSize: vocabulary.tokens.length, layers, width, heads, hidden, context };
  log(`${tokens.length} tokens, vocabulary of ${config.vocabSize}`);
  const { weights } = await train(
    config,
    { tokens },
    {
      steps,
      batch,
      seed,
      threads,
      learningRate: {
        peak: options.learningRate,
        warmup: Math.min(WARMUP, Math.ceil(steps / 10)),
        finalFraction: 0.02,
      },
      ...(checkpoint !== undefined && { checkpoint: { path: checkpoint, every: 250 } }),
      onProgress: (progress) => log(progressLine(progress)),
    },
  );
  exportModel(options.out, config, weights, vocabulary, { storages: ["fp32", "int8"] });
  log(`exported to ${options.out}`);
}
