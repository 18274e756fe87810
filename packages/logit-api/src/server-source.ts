import {
  type Detokenizer,
  type DraftStep,
  type LogitSource,
  type NextLogits,
  type SourceCall,
  type TokenId,
  TokenmarkError,
  type TokenSequence,
} from "@tokenmark/core";
import { nextLogits, type ScoredPosition } from "./scored-position.ts";

/** One question to a server, the same for every kind. */
export interface Question {
  /** Token ids, or a text for servers that take nothing else. */
  readonly prompt: readonly TokenId[] | string;
  /** New tokens asked for. */
  readonly maxTokens: number;
  /** Candidates a position. */
  readonly topLogprobs: number;
  /** The server's own sampling: 0 takes its best token. */
  readonly temperature: number;
  /** Added to the scores of tokens before the server samples. */
  readonly bias?: readonly (readonly [token: TokenId, bias: number])[];
}

/** What came back. */
export interface Answer {
  /** The server's own tokens. */
  readonly tokens: readonly TokenId[];
  /** Scores of the first positions without a gap: fewer than `tokens` where the server left some out. */
  readonly positions: readonly ScoredPosition[];
}

/** What a server tells of itself; null where it does not say. */
export interface ServerFacts {
  readonly model: string | null;
  /** Width of the model's logits. */
  readonly vocabularySize: number | null;
  /** Tokens that prompt and text may have together. */
  readonly contextLength: number | null;
  /** Tokens that end a text; empty where the server does not say. */
  readonly endTokens: readonly TokenId[];
}

/** A source behind HTTP. */
export interface ServerSource extends LogitSource {
  readonly kind: ServerKind;
  readonly address: string;
  /** Candidates a position that are asked for. */
  readonly topLogprobs: number;
  /** Ids of a text as the model wants a prompt to begin, special tokens included, by the server's own tokenizer. */
  encode(text: string, options?: SourceCall & { readonly addSpecial?: boolean }): Promise<readonly TokenId[]>;
  /** Text of ids by the server's own tokenizer. */
  decode(tokens: TokenSequence, call?: SourceCall): Promise<string>;
  facts(call?: SourceCall): Promise<ServerFacts>;
  /** A question as it is, for the probe. */
  ask(question: Question, call?: SourceCall): Promise<Answer>;
}

/** Kinds of servers that there is a source for. */
export type ServerKind = "llama.cpp" | "openai-completions" | "sglang";

/** What is particular to a kind of server. */
export interface ServerTraits {
  readonly kind: ServerKind;
  readonly name: string;
  readonly address: string;
  readonly topLogprobs: number;
  /** Whether scores at temperature 0 are the raw model's, so that a greedy run can serve as a draft. */
  readonly drafts: boolean;
  /** How a single position is asked for. */
  readonly single: (tokens: readonly TokenId[], call: SourceCall) => Promise<Question>;
  readonly ask: ServerSource["ask"];
  readonly encode: ServerSource["encode"];
  readonly decode: ServerSource["decode"];
  readonly facts: ServerSource["facts"];
  /** How tokens are spelt; left out where nobody can. */
  readonly createDetokenizer?: (prompt: TokenSequence) => Detokenizer;
}

/** Candidates asked for unless the caller says otherwise: enough for prose at temperature 1, and 9 kB an answer. */
export const DEFAULT_TOP_LOGPROBS = 100;

/** @throws TokenmarkError `bad-argument`. */
export function checkTopLogprobs(value: number): number {
  if (Number.isInteger(value) && value >= 2 && value <= 2 ** 20) return value;
  throw new TokenmarkError(
    "bad-argument",
    `topLogprobs: wanted an integer of at least 2, since one candidate leaves nothing to mark, got ${value}`,
  );
}

function checkPrompt(name: string, tokens: readonly TokenId[]): void {
  if (tokens.length > 0) return;
  throw new TokenmarkError(
    "bad-argument",
    `tokens: wanted at least one token for ${name}, got none; begin with its BOS`,
  );
}

/** Makes a source of a server's traits: what is asked when is the same for all of them. */
export function createServerSource(traits: ServerTraits): ServerSource {
  const { kind, name, address, topLogprobs, single, ask, encode, decode, facts, createDetokenizer } = traits;

  async function next(tokens: readonly TokenId[], call: SourceCall = {}): Promise<NextLogits> {
    checkPrompt(name, tokens);
    const { positions } = await ask(await single(tokens, call), call);
    const [first] = positions;
    if (first !== undefined) return nextLogits(first);
    throw new TokenmarkError(
      "bad-answer",
      `server ${address}: wanted scores of the next token, got none; does the server return log-probabilities?`,
    );
  }

  async function draft(
    tokens: readonly TokenId[],
    count: number,
    call: SourceCall = {},
  ): Promise<readonly DraftStep[]> {
    checkPrompt(name, tokens);
    try {
      return (await ask({ prompt: tokens, maxTokens: count, topLogprobs, temperature: 0 }, call)).positions;
    } catch (error) {
      // vLLM refuses a run that might pass the context's end, though the next token still fits.
      if (error instanceof TokenmarkError && error.code === "too-long") return [];
      throw error;
    }
  }

  return Object.freeze({
    kind,
    name,
    address,
    topLogprobs,
    next,
    ask,
    encode,
    decode,
    facts,
    ...(createDetokenizer === undefined ? {} : { createDetokenizer }),
    ...(traits.drafts ? { draft } : {}),
  });
}
