import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { engineProcessor, type StepPath } from "../contracts/synthid/engine-processor.ts";
import { flooredLogs, playTournament32 } from "../contracts/synthid/float32-tournament.ts";
import { softmaxRow32 } from "../generators/torch/softmax.ts";
import { topkIndices } from "../generators/torch/topk.ts";
import type { GoldenQuestion, Json, JsonObject, Operation } from "./golden.ts";
import { listedQuestion } from "./listed-question.ts";
import { type LogitsRecipe, readRecipe, recipeLogits } from "./logits-recipe.ts";
import { numberIn, sequencesIn, textIn, tokensIn } from "./markllm-question.ts";
import { shortestFloat32 } from "./shortest-float32.ts";
import { gValuesOf, type LayeredGValues } from "./synthid-g-values.ts";

const HF_FLOOR = -3.4028234663852886e38;
const DEEPMIND_FLOOR = -1e12;
/** How the files seed the logits of step and row. */
const STEP_SEED = 101;
const ROW_SEED = 0x632be59b;
/** Rows up to so many logits are listed in full. */
const MOST_LISTED = 512;
const SHOWN = 48;

/** The seeds of all rows of all steps, which the files list beside their answers. */
function listedSeeds(output: Json): Json {
  const { steps } = output as JsonObject;
  return Array.isArray(steps)
    ? steps.flatMap(({ logitsSeeds, logitsSeed }) => (logitsSeeds ?? [logitsSeed ?? null]) as readonly Json[])
    : [];
}

function seedsOf({ input, asked }: GoldenQuestion, steps: number, rows: number): readonly number[] {
  const recipe = readRecipe(input.logits as JsonObject);
  const ruled = Array.from({ length: steps * rows }, (_, i) => seedAt(recipe, Math.floor(i / rows), i % rows));
  const listed = (asked ?? []) as readonly number[];
  return listed.length === ruled.length ? listedQuestion(listed, ruled) : ruled;
}

function seedAt(recipe: LogitsRecipe, step: number, row: number): number {
  return (recipe.seed + STEP_SEED * step + Math.imul(ROW_SEED, row)) >>> 0;
}

interface Played {
  readonly scores: Float32Array;
  readonly floored: number;
  readonly probSum: number;
}

function play(logits: Float32Array, masks: Float64Array, g: LayeredGValues, leaves: number, floor: number): Played {
  const p = softmaxRow32(logits);
  playTournament32(p, masks, g.depth, leaves, leaves > 2);
  const scores = flooredLogs(p, floor);
  return {
    scores,
    floored: scores.reduce((count, score) => count + (score === Math.fround(floor) ? 1 : 0), 0),
    probSum: scores.reduce((sum, score) => sum + Math.exp(score), 0),
  };
}

const shortest = (scores: Float32Array): number[] => Array.from(scores, shortestFloat32);

function uint32Hash(masks: Float64Array): string {
  const bytes = new DataView(new ArrayBuffer(4 * masks.length));
  masks.forEach((mask, i) => {
    bytes.setUint32(4 * i, mask, true);
  });
  return bytesToHex(sha256(new Uint8Array(bytes.buffer)));
}

/** Scores in full, or the best and some at even distances. */
function shown(scores: Float32Array): object {
  if (scores.length <= MOST_LISTED) return { scores: shortest(scores) };
  const pair = (id: number): readonly [number, number] => [id, shortestFloat32(scores[id]!)];
  const stride = Math.floor(scores.length / SHOWN);
  const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, SHOWN);
  return {
    topScores: best.map(pair),
    sampledScores: Array.from({ length: SHOWN }, (_, i) => pair(i * stride)),
  };
}

interface StepSetting {
  readonly ngramLen: number;
  readonly history: number;
  readonly skipFirst: boolean;
  readonly leaves: number;
}

function settingOf({ params }: GoldenQuestion): StepSetting {
  return {
    ngramLen: numberIn(params, "ngramLen"),
    history: numberIn(params, "contextHistorySize", 1024),
    skipFirst: params.skipFirstNgramCalls === true,
    leaves: numberIn(params, "numLeaves", 2),
  };
}

/** All rows of all steps, `row` telling what becomes of one. */
function steps(
  question: GoldenQuestion,
  row: (path: StepPath, logits: Float32Array, g: LayeredGValues) => object,
): unknown {
  const { input } = question;
  const recipe = readRecipe(input.logits as JsonObject);
  const generated = sequencesIn(input, "generated");
  const prompt = tokensIn(input, "prompt");
  const setting = settingOf(question);
  const rows = generated.map(() => {
    const g = gValuesOf(question);
    return { g, processor: engineProcessor(g, { ...setting, checksRepeats: true }) };
  });
  const count = Math.max(...generated.map((tokens) => tokens.length)) + 1;
  const seeds = seedsOf(question, count, rows.length);
  return {
    steps: Array.from({ length: count }, (_, step) => {
      const lastToken = generated.map((tokens) => (step === 0 ? prompt.at(-1)! : tokens[step - 1]!));
      const logitsSeeds = rows.map((_, r) => seeds[step * rows.length + r]!);
      return {
        lastToken,
        logitsSeeds,
        rows: rows.map(({ g, processor }, r) => {
          const path = processor.step(lastToken[r]!);
          return { path, ...row(path, recipeLogits({ ...recipe, seed: logitsSeeds[r]! }), g) };
        }),
      };
    }),
  };
}

function hfSteps(question: GoldenQuestion): unknown {
  return steps(question, (path, logits, g) => {
    if (path === "skip") return { scores: shortest(logits) };
    const gMasks = g.masks(undefined, logits.length);
    const both = { gMasks, gMasksSha256_u32le: uint32Hash(gMasks) };
    if (path === "repeat") return { ...both, ...shown(logits) };
    const { scores, floored, probSum } = play(logits, gMasks, g, 2, HF_FLOOR);
    return { ...both, floored, probSum, ...shown(scores) };
  });
}

function deepmindSteps(question: GoldenQuestion): unknown {
  const { params } = question;
  const temperature = Math.fround(numberIn(params, "temperature"));
  const { leaves } = settingOf(question);
  return steps(question, (path, raw, g) => {
    const divided = raw.map((logit) => logit / temperature);
    const isCut = params.applyTopK !== false;
    const indices = isCut ? topkIndices(divided, numberIn(params, "topK")) : Int32Array.from(divided.keys());
    const logits = Float32Array.from(indices, (id) => divided[id]!);
    if (path === "skip") return { indices, scores: shortest(logits) };
    const gMasks = g.masks(indices, logits.length);
    if (path === "repeat") return { indices, gMasks, scores: shortest(logits) };
    const { scores, floored, probSum } = play(logits, gMasks, g, leaves, DEEPMIND_FLOOR);
    return { indices, gMasks, floored, probSum, scores: shortest(scores) };
  });
}

function markllmSteps(question: GoldenQuestion): unknown {
  const { params, input } = question;
  const recipe = readRecipe(input.logits as JsonObject);
  const generated = tokensIn(input, "generated");
  const g = gValuesOf(question);
  const setting = settingOf(question);
  const temperature = Math.fround(numberIn(params, "temperature"));
  const distortionary = textIn(params, "mode") === "distortionary";
  const processor = engineProcessor(g, { ...setting, checksRepeats: !distortionary });
  const seeds = seedsOf(question, generated.length + 1, 1);
  return {
    steps: Array.from({ length: generated.length + 1 }, (_, step) => {
      const logitsSeed = seeds[step]!;
      const logits = recipeLogits({ ...recipe, seed: logitsSeed });
      const path = processor.step(step === 0 ? 0 : generated[step - 1]!);
      if (path !== "watermarked") return { logitsSeed, path, scores: shortest(logits) };
      const divided = logits.map((logit) => logit / temperature);
      const leaves = distortionary ? setting.leaves : 2;
      const { scores } = play(divided, g.masks(undefined, logits.length), g, leaves, DEEPMIND_FLOOR);
      return { logitsSeed, path: "wm", scores: shortest(scores) };
    }),
  };
}

/** One update of given scores, by the short formula and by the long one for the number of leaves in a name. */
function updates({ params, input }: GoldenQuestion): unknown {
  const scores = Float32Array.from(input.scores as readonly number[]);
  const masks = tokensIn(input, "gMasks");
  const depth = numberIn(params, "depth");
  const floor = numberIn(params, "floor");
  const update = (leaves: number, distortionary: boolean): readonly number[] => {
    const p = softmaxRow32(scores);
    playTournament32(p, masks, depth, leaves, distortionary);
    return shortest(flooredLogs(p, floor));
  };
  // How many leaves a file asks for stands in the names of its answers.
  return new Proxy({ two_leaf: update(2, false) } as Record<string, unknown>, {
    getOwnPropertyDescriptor(target, name) {
      const leaves = typeof name === "string" ? /^distortionary_N(\d+)$/.exec(name)?.[1] : undefined;
      if (leaves !== undefined) target[name as string] = update(Number(leaves), true);
      return Object.getOwnPropertyDescriptor(target, name);
    },
  });
}

/** The steps of processors, and single updates. */
export const synthidStepOperations: readonly Operation[] = Object.freeze([
  { op: "processor_steps", asked: listedSeeds, run: hfSteps },
  { op: "watermarked_call_steps", asked: listedSeeds, run: deepmindSteps },
  { op: "markllm_synthid_steps", asked: listedSeeds, run: markllmSteps },
  { op: "update_scores", run: updates },
]);
