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
interface Pipe {
  (input: unknown, options: Readonly<Record<string, unknown>>): Promise<Generated>;
  readonly tokenizer: { readonly chat_template?: unknown; encode(text: string): readonly number[] };
}

/** How a model is told what to do. */
type Manner = "text2text" | "chat" | "continuation";

const TASKS = ["text2text-generation", "text-generation"] as const;
const TRIES = 2;

async function load(
  model: string,
  { task, dtype }: LocalParaphraserOptions,
): Promise<{ readonly pipe: Pipe; readonly manner: Manner }> {
  let cause: unknown;
  for (const tried of task === undefined ? TASKS : [task]) {
    try {
      const options = { ...(dtype === undefined ? {} : { dtype }), local_files_only: existsSync(model) };
      const pipe = (await pipeline(tried, model, options as Parameters<typeof pipeline>[2])) as unknown as Pipe;
      if (tried === "text2text-generation") return { pipe, manner: "text2text" };
      return { pipe, manner: pipe.tokenizer.chat_template ? "chat" : "continuation" };
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

function inputOf(passage: string, manner: Manner): unknown {
  const task = instruction(passage);
  switch (manner) {
    case "text2text":
      return task;
    case "chat":
      return [{ role: "user", content: task }];
    case "continuation":
      return `${task}\n\n`;
    default:
      return manner satisfies never;
  }
}

/**
 * A paraphraser that runs here, through transformers.js: a folder or an id of the hub. A model without a chat template is given the same
 * instruction to continue, which only models that were trained on such do well.
 *
 * @throws TokenmarkError from `rewrite`: `model-not-found`; `bad-answer` for a passage that came back empty twice, or that the model
 * could not take.
 */
export function localParaphraser(model: string, options: LocalParaphraserOptions = {}): Paraphraser {
  let loaded: ReturnType<typeof load> | null = null;

  async function rewriteOne(passage: string, seed: number): Promise<string> {
    loaded ??= load(model, options);
    const { pipe, manner } = await loaded;
    const input = inputOf(passage, manner);
    // About the passage's length is asked for; a model that does not stop is stopped.
    const max_new_tokens = 2 * pipe.tokenizer.encode(passage).length + 64;
    const drawing = { max_new_tokens, do_sample: true, temperature: 0.7, top_k: 0 };
    for (let attempt = 0; attempt < TRIES; attempt++) {
      random.seed(seed + attempt);
      const answer = await pipe(input, manner === "continuation" ? { ...drawing, return_full_text: false } : drawing)
        // What the host throws, at a passage longer than its context for one, says nothing of the passage.
        .catch((cause: unknown) => {
          const why = String((cause as Error | null)?.message)
            .split("\n")[0]!
            .slice(0, 160);
          throw new TokenmarkError("bad-answer", `paraphraser ${model}: wanted a passage, got an error: ${why}`, {
            cause,
          });
        });
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
