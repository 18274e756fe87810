import type { Tensor } from "onnxruntime-node";
import { TrainerError } from "../errors.ts";
import type { ModelConfig } from "../model/model-config.ts";
import type { Weights } from "../model/parameters.ts";
import { type AdamWOptions, DEFAULT_ADAMW } from "./adamw.ts";
import { batchTensors, type TokenStream } from "./batch-tensors.ts";
import { type CurvePoint, writeCheckpoint } from "./checkpoint.ts";
import { createEvaluator } from "./evaluate.ts";
import { type LearningRateSchedule, learningRateAt } from "./learning-rate.ts";
import { runFingerprint } from "./run-fingerprint.ts";
import { restoreState, scalarFeeds, stateArrays, stateTensors, weightArrays } from "./run-state.ts";
import { openSession } from "./session.ts";
import { buildStepGraph } from "./step-graph.ts";
import { type DataOrder, planWindows } from "./windows.ts";

/** What a run trains on and for how long. */
export interface TrainOptions {
  /** Windows per step. */
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: LearningRateSchedule;
  /** Decides initial weights and data order; never defaulted. */
  readonly seed: string;
  /** @defaultValue shuffled */
  readonly order?: DataOrder;
  /** Weights to start from; drawn from the seed when left out. */
  readonly weights?: Weights;
  readonly adamw?: AdamWOptions;
  /** @defaultValue 2 */
  readonly threads?: number;
  /** Text to measure on, and every how many steps. */
  readonly heldOut?: { readonly stream: TokenStream; readonly every: number };
  /** File to keep the state in and every how many steps; a run that finds it goes on from there. */
  readonly checkpoint?: { readonly path: string; readonly every: number };
  /** Ends the run early (after a checkpoint) when it has done this many steps. */
  readonly stopAfter?: number;
  /** Called every `progressEvery` steps. */
  readonly onProgress?: (progress: Progress) => void;
  /** @defaultValue 50 */
  readonly progressEvery?: number;
}

/** Where a run stands. */
export interface Progress extends CurvePoint {
  readonly steps: number;
  readonly tokensSeen: number;
  /** Since this process started training. */
  readonly tokensPerSecond: number;
  /** Of the last step, before clipping. */
  readonly gradientNorm: number;
}

/** What a run leaves. */
export interface TrainResult {
  readonly weights: Weights;
  readonly step: number;
  readonly curve: readonly CurvePoint[];
}

/** Trains the model of `config` on `stream` by AdamW, one onnxruntime graph run a step. A loss that is not a number ends the
 * run with `loss-diverged` before anything of it reaches the checkpoint. */
export async function train(config: ModelConfig, stream: TokenStream, options: TrainOptions): Promise<TrainResult> {
  const { batch, steps, seed, threads = 2, adamw = DEFAULT_ADAMW, checkpoint, heldOut, progressEvery = 50 } = options;
  const order = options.order ?? { kind: "shuffled" };
  const plan = planWindows(stream.tokens.length, config.context, batch, seed, order);
  checkTokens(stream, config.vocabSize);
  const run = runFingerprint(config, stream, options, adamw, order);
  const restored = restoreState(config, run, options);
  let tensors = stateTensors(config, restored.tensors);
  const curve = [...restored.curve];

  const session = await openSession(buildStepGraph(config, batch, adamw), threads);
  const evaluator =
    heldOut === undefined ? undefined : await createEvaluator(config, heldOut.stream, { batch, threads });
  const last = Math.min(steps, options.stopAfter ?? steps);
  const started = performance.now();
  let lossSum = 0;
  let lossCount = 0;
  let step = restored.step;
  while (step < last) {
    const { feeds } = batchTensors(stream, plan.startsOf(step), config.context, batch, "mean");
    const rate = learningRateAt(step, steps, options.learningRate);
    const result = await session.run({ ...tensors, ...feeds, ...scalarFeeds(rate, step + 1, adamw) });
    const loss = (result.loss!.data as Float32Array)[0]!;
    const gradientNorm = (result.gradient_norm!.data as Float32Array)[0]!;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      throw new TrainerError(
        "loss-diverged",
        `loss ${loss} with gradient norm ${gradientNorm} at step ${step}: lower the learning rate (${rate}); ` +
          (checkpoint === undefined ? "no checkpoint was asked for" : `the last good state is in ${checkpoint.path}`),
      );
    }
    tensors = Object.fromEntries(Object.keys(tensors).map((name) => [name, result[`next.${name}`] as Tensor]));
    step++;
    lossSum += loss;
    lossCount++;
    const measure = heldOut !== undefined && (step % heldOut.every === 0 || step === steps);
    if (measure || step % progressEvery === 0 || step === last) {
      const heldOutLoss = measure ? await evaluator!.loss(stateArrays(tensors)) : undefined;
      const point: CurvePoint = {
        step,
        trainingLoss: lossSum / lossCount,
        ...(measure && { heldOutLoss: heldOutLoss! }),
      };
      curve.push(point);
      lossSum = 0;
      lossCount = 0;
      const tokensPerStep = batch * config.context;
      options.onProgress?.({
        ...point,
        steps,
        tokensSeen: step * tokensPerStep,
        tokensPerSecond: ((step - restored.step) * tokensPerStep * 1000) / (performance.now() - started),
        gradientNorm,
      });
    }
    if (checkpoint !== undefined && (step % checkpoint.every === 0 || step === last)) {
      writeCheckpoint(checkpoint.path, { config, run, step, curve, tensors: stateArrays(tensors) });
    }
  }
  await session.release();
  return { weights: weightArrays(config, tensors), step, curve };
}

function checkTokens({ tokens, lossMask }: TokenStream, vocabSize: number): void {
  let largest = 0;
  for (let i = 0; i < tokens.length; i++) largest = Math.max(largest, tokens[i]!);
  if (largest >= vocabSize) {
    throw new TrainerError(
      "tokenizer-mismatch",
      `the token stream holds id ${largest}, the model has ${vocabSize} tokens: the tokenizer does not match the weights`,
    );
  }
  if (lossMask !== undefined && lossMask.length !== tokens.length) {
    throw new TrainerError(
      "invalid-argument",
      `lossMask must be as long as tokens (${tokens.length}), got ${lossMask.length}`,
    );
  }
}
