import { type SglangTest, sglangDetect } from "../contracts/sglang/sglang-detector.ts";
import {
  sglangCoin,
  sglangCoinLimit,
  sglangCoinState,
  sglangContextHash,
  sglangDrawState,
  sglangKeyState,
  sglangTokenHash,
  sglangUniform,
} from "../contracts/sglang/sglang-hash.ts";
import type { GoldenQuestion, Json, JsonObject, Operation } from "./golden.ts";
import { followSglang, type SglangGenerator } from "./sglang-generation.ts";

const text = (fields: JsonObject, name: string): string => String(fields[name]);
const ids = (value: Json | undefined): readonly number[] => (value ?? []) as readonly number[];
const lists = (value: Json | undefined): readonly (readonly number[])[] => value as readonly (readonly number[])[];
const keyB = (params: JsonObject): string | null => (typeof params.key_b === "string" ? params.key_b : null);

const hashOf = (context: readonly number[]): number => sglangContextHash(context, 0, context.length);

function tokenHashes(key: string, context: readonly number[], tokens: readonly number[]): readonly number[] {
  const state = sglangDrawState(sglangKeyState(key), hashOf(context));
  return tokens.map((token) => sglangTokenHash(state, token));
}

function hashes({ params, input }: GoldenQuestion): unknown {
  const key = text(params, "key");
  const context = ids(input.context);
  const contextHash = hashOf(context);
  const hashed = tokenHashes(key, context, ids(input.tokens));
  const other = keyB(params);
  const coin = other === null ? null : sglangCoin(sglangCoinState(key, other), contextHash);
  return {
    context_hash: contextHash,
    token_hashes: hashed,
    uniform: hashed.map(sglangUniform),
    coin,
    key_a_selected_at_half: coin === null ? null : coin < sglangCoinLimit(0.5),
  };
}

/** The hashes that all keys share; NaN where keys disagree. */
function equivalentKeys({ input }: GoldenQuestion): unknown {
  const keys = input.keys as readonly string[];
  const tokens = ids(input.tokens);
  const shared = lists(input.contexts).map((context) => {
    const [first = [], ...others] = keys.map((key) => tokenHashes(key, context, tokens));
    return first.map((hash, i) => (others.every((other) => other[i] === hash) ? hash : Number.NaN));
  });
  return { token_hashes: shared };
}

function testFields(test: SglangTest | null): unknown {
  return (
    test && {
      num_contexts: test.contexts,
      score: test.score,
      z_score: test.z,
      p_value: Math.exp(test.logP),
      log_p_value: test.logP,
      exact_log10_p: test.logP / Math.LN10,
    }
  );
}

/** How the text was generated is told beside the answers; which keys it used, and how narrowly, follows from it. */
function generatedWith(generator: SglangGenerator, recipe: JsonObject, { input }: GoldenQuestion): object {
  const tokens = ids(input.tokens);
  const { keyUse, minMargin } = followSglang(generator, recipe, tokens, ids(input.prompt));
  return { ...recipe, num_tokens: tokens.length, key_use: keyUse, min_margin: minMargin };
}

const RECIPE = ["vocab", "logits", "max_probability", "temperature"];

function recipeOf(output: Json): Json {
  const told = (output as JsonObject).generated_with as JsonObject | undefined;
  return told === undefined ? null : Object.fromEntries(RECIPE.map((name) => [name, told[name] ?? null]));
}

function detect(question: GoldenQuestion): unknown {
  const { params, input, asked } = question;
  const tokens = ids(input.tokens);
  const settings = {
    key: text(params, "key"),
    keyB: keyB(params),
    contextWindow: Number(params.context_window ?? 4),
    mixingProbability: Number(params.mixing_probability ?? 0.5),
    maxContexts: Number(params.max_contexts ?? 4096),
  };
  const found = sglangDetect(settings, tokens, ids(input.prompt));
  return {
    result: {
      combined: testFields(found.combined),
      key_a_all_positions: testFields(found.allA),
      key_b_all_positions: testFields(found.allB),
      key_a_partition: testFields(found.partA),
      key_b_partition: testFields(found.partB),
      prefix_limit_reached: found.limitReached,
      tokens_examined: found.examined,
      repeated_contexts: found.repeated,
      skipped_initial_tokens: found.skipped,
    },
    trace: found.scored.map(({ index, context, hashA, hashB, coin }) =>
      hashB === null ? [index, context, hashA] : [index, context, hashA, hashB, coin],
    ),
    ...(asked ? { generated_with: generatedWith(settings, asked as JsonObject, question) } : {}),
  };
}

/** Operations of the SGLang files. */
export const sglangOperations: readonly Operation[] = Object.freeze([
  { op: "sglang_hashes", run: hashes },
  {
    op: "sglang_context_hash",
    run: ({ input }: GoldenQuestion) => ({ hashes: lists(input.contexts).map(hashOf) }),
  },
  { op: "sglang_equivalent_keys", run: equivalentKeys },
  { op: "sglang_detect", asked: recipeOf, run: detect },
]);
