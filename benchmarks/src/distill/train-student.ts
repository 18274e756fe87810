import { existsSync, renameSync, rmSync } from "node:fs";
import { modelFolder } from "@tokenmark/demo-model";
import { exportModel, type ModelConfig, readModelFolder, train, type Weights } from "@tokenmark/trainer";
import type { StoredText } from "../survival/written-texts.ts";
import type { StudentSpec } from "./distill-config.ts";

const CONTEXT = 128;
const BATCH = 16;
const LEARNING_RATE = 2e-3;

/** What a student is trained on and where its folder goes. */
export interface TrainStudentOptions {
  readonly spec: StudentSpec;
  readonly rows: readonly StoredText[];
  readonly seed: string;
  /** A folder in the transformers.js layout; kept as it is where it is there. */
  readonly folder: string;
  /** Weights to start from, for `base`. */
  readonly weights?: Weights;
  /** State of an unfinished training; the run goes on from it. */
  readonly checkpoint?: string;
}

/** Trains a student on answers by cross-entropy on their tokens (prompts included, as copiers do), and leaves it as an ordinary model folder. */
export async function trainStudent(options: TrainStudentOptions): Promise<void> {
  const { spec, rows, seed, folder, weights, checkpoint } = options;
  if (existsSync(folder)) return;
  // The students' tokenizer is the teacher's: that is what a copier who trains on ids has, and what open mode needs.
  const { vocabulary, config: teacher } = readModelFolder(modelFolder, CONTEXT);
  const { layers, width, heads, hidden, epochs } = spec;
  const config: ModelConfig = { vocabSize: teacher.vocabSize, layers, width, heads, hidden, context: CONTEXT };
  const endOfText = 0;
  const tokens = Int32Array.from(rows.flatMap((row) => [endOfText, ...row.promptTokens, ...row.tokens]));
  const steps = Math.max(20, Math.round((epochs * tokens.length) / (BATCH * CONTEXT)));
  const { weights: trained } = await train(
    config,
    { tokens },
    {
      batch: BATCH,
      steps,
      seed,
      learningRate: { peak: LEARNING_RATE, warmup: Math.min(50, steps >> 2), finalFraction: 0.02 },
      ...(weights === undefined ? {} : { weights }),
      ...(checkpoint === undefined ? {} : { checkpoint: { path: checkpoint, every: 250 } }),
    },
  );
  // A folder is whole or not there: a run that is killed while it writes leaves nothing that looks like a student.
  const partial = `${folder}.${process.pid}.partial`;
  rmSync(partial, { recursive: true, force: true });
  exportModel(partial, config, trained, vocabulary, { storages: ["fp32"] });
  try {
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another process on the same work folder was faster, with the same student.
    if (!existsSync(folder)) throw error;
  }
}

/** The weights of a student's folder, to train on from. */
export const studentWeights = (folder: string): Weights => readModelFolder(folder, CONTEXT).weights;
