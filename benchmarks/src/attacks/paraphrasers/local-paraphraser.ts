import { existsSync } from "node:fs";
import { pipeline, random } from "@huggingface/transformers";
import { TokenmarkError } from "@tokenmark/core";
import type { Paraphraser } from "../attack.ts";
import { instruction, passageOf } from "./instruction.ts";

/** Options of {@link localParaphraser}. */
export interface LocalParaphraserOptions {
  /** `text2text-generation` for T5 and its like, `text-generation` for instruction models. @defaultValue tried in that order */
  readonly task?: "text2text-generation" | "text-generation";
  readonly dtype?: string;
}

/** What a pipeline answers: a text, or a chat whose last message is the answer. */
type Generated = readonly { readonly generated_text: string | readonly { readonly content: string }[] }[];
type Pipe = (input: unknown, options: Readonly<Record<string, unknown>>) => Promise<Generated | readonly Generated[]>;

const TASKS = ["text2text-generation", "text-generation"] as const;

async function load(model: string, { task, dtype }: LocalParaphraserOptions): Promise<{ pipe: Pipe; isChat: boolean }> {
  let cause: unknown;
  for (const tried of task === undefined ? TASKS : [task]) {
    try {
      const options = { ...(dtype === undefined ? {} : { dtype }), local_files_only: existsSync(model) };
      const pipe = (await pipeline(tried, model, options as Parameters<typeof pipeline>[2])) as unknown as Pipe;
      return { pipe, isChat: tried === "text-generation" };
    } catch (error) {
      cause = error;
    }
  }
  throw new TokenmarkError(
    "model-not-found",
    `paraphraser: wanted a text2text or instruction model in the transformers.js layout, got ${model}, which cannot be loaded`,
    { cause },
  );
}

/**
 * A paraphraser that runs here, through transformers.js: a folder or an id of the hub.
 *
 * @throws TokenmarkError from `rewrite`: `model-not-found`, `bad-answer` for a passage that came back empty twice.
 */
export function localParaphraser(model: string, options: LocalParaphraserOptions = {}): Paraphraser {
  let loaded: ReturnType<typeof load> | null = null;

  async function rewriteOne(passage: string, seed: number): Promise<string> {
    loaded ??= load(model, options);
    const { pipe, isChat } = await loaded;
    const task = instruction(passage);
    for (let attempt = 0; attempt < 2; attempt++) {
      random.seed(seed + attempt);
      const answer = (await pipe(isChat ? [{ role: "user", content: task }] : task, {
        max_new_tokens: 512,
        do_sample: true,
        temperature: 0.7,
        top_k: 0,
      })) as Generated;
      const generated = answer[0]!.generated_text;
      const text = passageOf(typeof generated === "string" ? generated : (generated.at(-1)?.content ?? ""));
      if (text !== "") return text;
    }
    throw new TokenmarkError("bad-answer", `paraphraser ${model}: wanted a passage, got an empty answer twice`);
  }

  return Object.freeze({
    name: model,
    async rewrite(passages: readonly string[], seeds: readonly string[]): Promise<readonly string[]> {
      const rewritten: string[] = [];
      for (const [i, passage] of passages.entries()) {
        rewritten.push(await rewriteOne(passage, Math.floor(Number(seeds[i]) * 2 ** 31) || 0));
      }
      return rewritten;
    },
  });
}
