import { TokenmarkError } from "@tokenmark/core";
import { randFloat32, randFloat64, randint, randperm } from "../generators/torch/draws.ts";
import { type TorchGenerator, torchGenerator } from "../generators/torch/mt19937.ts";
import { float32Hash } from "./float32-hash.ts";
import type { GoldenQuestion, Json, JsonObject, Operation } from "./golden.ts";
import { int64Hash } from "./list-hash.ts";
import { listedQuestion } from "./listed-question.ts";
import { readRecipe, recipeLogits } from "./logits-recipe.ts";
import { integerIn, numberIn } from "./markllm-question.ts";

const repeat = <T>(length: number, draw: () => T): T[] => Array.from({ length }, draw);

function generatorOf({ params }: GoldenQuestion): TorchGenerator {
  return torchGenerator(Number(BigInt.asIntN(32, integerIn(params, "seed"))));
}

/** The words that the files show: around the starts of blocks. */
const SHOWN = [0, 1, 2, 3, 4, 5, 6, 7, 622, 623, 624, 625, 1246, 1247, 1248, 1249];

function words(generator: TorchGenerator, indices: readonly number[]): readonly (readonly [number, number])[] {
  const all = repeat(Math.max(-1, ...indices) + 1, generator.word);
  return indices.map((index) => [index, all[index]!] as const);
}

function indicesOf(output: Json): Json {
  const { rawU32 } = output as JsonObject;
  return Array.isArray(rawU32) ? rawU32.map(([index]) => index as Json) : [];
}

function primitives(question: GoldenQuestion): unknown {
  const seed = integerIn(question.params, "seed");
  const fresh = (): TorchGenerator => generatorOf(question);
  const [bits, small, wide, single, double] = [fresh(), fresh(), fresh(), fresh(), fresh()];
  return {
    seedUnsigned64: BigInt.asUintN(64, seed).toString(),
    seedLow32: Number(BigInt.asUintN(32, seed)),
    rawU32: words(fresh(), listedQuestion((question.asked ?? []) as readonly number[], SHOWN)),
    randint_0_2_n256: repeat(256, () => randint(bits, 0, 2)).join(""),
    "randint_-5_1000_n12": repeat(12, () => randint(small, -5, 1005)),
    randint_0_2p40_n8: repeat(8, () => randint(wide, 0, 2 ** 40)),
    rand_float32_n64: repeat(64, () => randFloat32(single)),
    rand_float64_n64: repeat(64, () => randFloat64(double)),
  };
}

function permutation(question: GoldenQuestion): unknown {
  const generator = generatorOf(question);
  const all = randperm(generator, numberIn(question.params, "n"));
  return {
    first64: all.slice(0, 64),
    last8: all.slice(-8),
    sha256_int64le: int64Hash(all),
    draws: Math.max(0, all.length - 1),
    nextDrawMod2p31: generator.word() % 2 ** 31,
  };
}

/** A call of the sequence, and whether its values are told by their hash alone, or by both. */
type Call = { readonly call: string; readonly n: number; readonly isHashed: boolean; readonly isListed: boolean };

/** The file tells the calls beside their values, not in its question. */
function callsOf(output: Json): Json {
  const { calls } = output as JsonObject;
  if (!Array.isArray(calls)) throw new TokenmarkError("bad-argument", "output.calls: wanted a list");
  return calls.map(({ call, n, values = null, sha256_int64le: hash = null }) => {
    const isHashed = hash !== null;
    return { call, n, isHashed, isListed: !isHashed || values !== null };
  });
}

function draw(generator: TorchGenerator, call: string, n: number): ArrayLike<number> {
  if (call === "randperm") return randperm(generator, n);
  if (call === "randint_0_2") return repeat(n, () => randint(generator, 0, 2));
  if (call === "rand_float64") return repeat(n, () => randFloat64(generator));
  if (call === "rand_float32") return repeat(n, () => randFloat32(generator));
  throw new TokenmarkError(
    "bad-argument",
    `call: wanted rand_float32, rand_float64, randint_0_2 or randperm, got ${call}`,
  );
}

function sequence(question: GoldenQuestion): unknown {
  const generator = generatorOf(question);
  return {
    calls: (question.asked as readonly Call[]).map(({ call, n, isHashed, isListed }) => {
      const values = draw(generator, call, n);
      return {
        call,
        n,
        values: isListed ? values : null,
        sha256_int64le: isHashed ? int64Hash(values) : null,
      };
    }),
  };
}

function recipe({ input }: GoldenQuestion): unknown {
  const values = recipeLogits(readRecipe(input.logits as JsonObject));
  return { values, sha256_float32le: float32Hash(values) };
}

/** torch's CPU generator, and the logits that other files are given. */
export const torchOperations: readonly Operation[] = Object.freeze([
  { op: "torch_rng_primitives", asked: indicesOf, run: primitives },
  { op: "torch_randperm", run: permutation },
  { op: "torch_rng_sequence", asked: callsOf, run: sequence },
  { op: "logits_recipe", run: recipe },
]);
