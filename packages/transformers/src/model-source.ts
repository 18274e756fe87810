import { DynamicCache, Tensor } from "@huggingface/transformers";
import {
  type LogitSource,
  type NextLogits,
  type SourceCall,
  type TokenId,
  TokenmarkError,
  throwIfAborted,
} from "@tokenmark/core";
import type { ModelTokenizer } from "./tokenizer.ts";

type Tensors = Record<string, Tensor>;

/** What is used of a model: transformers.js' own are such. */
export type CallableModel = (
  inputs: Readonly<Record<string, Tensor | Readonly<Tensors>>>,
) => Promise<{ readonly logits: Tensor }>;

/** Options of {@link createModelSource}. */
export interface ModelSourceOptions {
  readonly name: string;
  /** Spells the tokens. @defaultValue none */
  readonly tokenizer?: Pick<ModelTokenizer, "createDetokenizer">;
  /** Positions that the model has; null: unknown. @defaultValue null */
  readonly contextLength?: number | null;
}

const PRESENT = "present";
const ATTENTION = /^present\.\d+\.(key|value)$/;

/** How many tokens at the start of two sequences are the same. */
function commonPrefix(a: readonly TokenId[], b: readonly TokenId[]): number {
  const n = Math.min(a.length, b.length);
  let i = 0;
  while (i < n && a[i] === b[i]) i++;
  return i;
}

/**
 * A local model as a source. It keeps the keys and values of the sequence it saw last, so a sequence that goes on costs one position a
 * question, and one that branches off costs what is behind the branch; the arithmetic is that of the host's own `generate`.
 *
 * One source serves one sequence at a time: questions wait for each other.
 *
 * @throws TokenmarkError from `next`: `bad-argument` for no tokens, `too-long`, `aborted`.
 */
export function createModelSource(model: CallableModel, options: ModelSourceOptions): LogitSource {
  const { name, tokenizer, contextLength = null } = options;
  let seen: readonly TokenId[] = [];
  let present: Tensors = {};
  /** Recurrent states cannot be shortened, attention's can. */
  let shortens = true;
  let turn: Promise<unknown> = Promise.resolve();

  function keep(length: number): Tensors {
    if (length === seen.length) return present;
    return Object.fromEntries(
      Object.entries(present).map(([key, tensor]) => [key, tensor.slice(null, null, [0, length], null)]),
    );
  }

  async function evaluate(tokens: readonly TokenId[]): Promise<NextLogits> {
    // The last token is always evaluated: its scores are what is asked for.
    const shared = Math.min(commonPrefix(seen, tokens), tokens.length - 1);
    const kept = shared === seen.length || shortens ? shared : 0;
    const past = kept === 0 ? undefined : keep(kept);
    const dims = [1, tokens.length - kept];
    const outputs = (await model({
      input_ids: new Tensor("int64", BigInt64Array.from(tokens.slice(kept), BigInt), dims),
      attention_mask: new Tensor("int64", new BigInt64Array(tokens.length).fill(1n), [1, tokens.length]),
      ...(past === undefined
        ? {}
        : { past_key_values: new DynamicCache(renamed(past)) as unknown as Readonly<Tensors> }),
    })) as { readonly logits: Tensor } & Tensors;
    const states = Object.entries(outputs).filter(([key]) => key.startsWith(PRESENT));
    shortens = states.every(([key]) => ATTENTION.test(key));
    present = Object.fromEntries(states);
    // A model without a cache is evaluated anew each time.
    seen = states.length === 0 ? [] : tokens;
    const { logits } = outputs;
    const [rows, width] = [logits.dims.at(-2)!, logits.dims.at(-1)!];
    const last = logits.slice(null, [rows - 1, rows], null).to("float32").data as Float32Array;
    return { logits: last.slice(last.length - width) };
  }

  /** Names under which the model takes back what it gave. */
  function renamed(states: Tensors): Tensors {
    return Object.fromEntries(
      Object.entries(states).map(([key, tensor]) => [
        key.startsWith("present.") ? key.replace(PRESENT, "past_key_values") : key.replace("present_", "past_"),
        tensor,
      ]),
    );
  }

  return Object.freeze({
    name,
    next(tokens: readonly TokenId[], { signal }: SourceCall = {}): Promise<NextLogits> {
      // The caller's array may have grown by the time it is this question's turn.
      const asked = tokens.slice();
      const answer = turn.then(() => {
        throwIfAborted(signal, `before ${name} was asked`);
        if (asked.length === 0) {
          throw new TokenmarkError("bad-argument", `tokens: wanted at least one token for ${name}, got none`);
        }
        if (contextLength !== null && asked.length > contextLength) {
          throw new TokenmarkError(
            "too-long",
            `tokens: wanted at most the model's ${contextLength} positions, got ${asked.length}`,
          );
        }
        return evaluate(asked);
      });
      turn = answer.catch(() => {});
      return answer;
    },
    ...(tokenizer === undefined ? {} : { createDetokenizer: tokenizer.createDetokenizer }),
  });
}
