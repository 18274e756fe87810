import type { TokenId } from "@tokenmark/core";
import { bestTokens } from "./best-tokens.ts";
import { type SequenceStep, tokenText } from "./sequence.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";

/**
 * What log-probabilities are of: the model's own logits, or the logits that the draw was made from, after bias, penalties, temperature and
 * truncation (vllm/v1/sample/sampler.py; `--logprobs-mode`).
 */
export type VllmLogprobsMode = "raw_logprobs" | "processed_logprobs";

/** Legacy arrays of OpenAI's completions. */
export interface VllmLogprobs {
  readonly text_offset: number[];
  readonly token_logprobs: number[];
  readonly tokens: string[];
  /** Written as JSON by hand: an object of ours would put number-like keys first. */
  readonly top_logprobs: string[];
}

/** What a masked token is reported with: JSON has no infinity (vllm/entrypoints/openai/completion/serving.py). */
const masked = -9999;

/** How tokens are named. */
export type TokenNaming = (token: TokenId) => string;

/** "token_id:N" with `return_tokens_as_token_ids`, otherwise the token's text. */
export function vllmNaming(vocabulary: ServerVocabulary, asTokenIds: boolean): TokenNaming {
  return asTokenIds ? (token) => `token_id:${token}` : (token) => tokenText(vocabulary, token);
}

/**
 * The arrays for a run of steps. Each map has the sampled token first, then the `count` best: `count + 1` entries when the sampled one is not
 * among them. Tokens of equal text share a key, and the later one's value stands.
 */
export function vllmLogprobs(
  steps: readonly SequenceStep[],
  count: number,
  mode: VllmLogprobsMode,
  naming: TokenNaming,
  firstOffset: number,
): VllmLogprobs {
  const arrays: VllmLogprobs = { text_offset: [], token_logprobs: [], tokens: [], top_logprobs: [] };
  let offset = firstOffset;
  for (const step of steps) {
    const logprobOf = mode === "raw_logprobs" ? rawLogprobs(step) : processedLogprobs(step);
    const name = naming(step.token);
    const named = new Map([[name, logprobOf(step.token)]]);
    for (const token of bestOf(step, count, mode)) named.set(naming(token), logprobOf(token));
    arrays.text_offset.push(offset);
    arrays.token_logprobs.push(logprobOf(step.token));
    arrays.tokens.push(name);
    arrays.top_logprobs.push(`{${Array.from(named, ([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`);
    offset += name.length;
  }
  return arrays;
}

function bestOf({ raw, processed }: SequenceStep, count: number, mode: VllmLogprobsMode): Iterable<TokenId> {
  if (mode === "raw_logprobs") return bestTokens(raw.logits, count);
  const best = Array.from(bestTokens(processed.logits, count), (at) => processed.tokens[at]!);
  // Masked tokens fill the rest, lowest ids first.
  const kept = new Set(processed.tokens);
  for (let token = 0; best.length < count && token < raw.logits.length; token++) if (!kept.has(token)) best.push(token);
  return best;
}

function rawLogprobs({ raw: { logits, logTotal } }: SequenceStep): (token: TokenId) => number {
  return (token) => Math.max(masked, Math.fround(logits[token]! - logTotal));
}

function processedLogprobs({ processed: { tokens, logits } }: SequenceStep): (token: TokenId) => number {
  const max = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const total = max + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0));
  const byToken = new Map(Array.from(tokens, (token, at) => [token, logits[at]! - total]));
  return (token) => Math.max(masked, Math.fround(byToken.get(token) ?? masked));
}
