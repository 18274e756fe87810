import { cryptoRandom, type GenerationSummary, generate, type TokenId, TokenmarkError } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { given } from "../given.ts";
import type { SchemeChoice } from "../scheme-choice.ts";
import type { SamplingFlags } from "../shared-options.ts";
import { writeStdout } from "../write-output.ts";
import type { OpenServer } from "./open-server.ts";

/** What the command line says about the text. */
export interface ServerTextFlags extends SamplingFlags {
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly endToken?: readonly TokenId[];
  readonly speculate?: boolean;
}

/** A text that a server's scores gave, whole or cut short. */
export interface ServerText extends GenerationSummary {
  readonly promptTokens: readonly TokenId[];
  readonly text: string;
}

const DEFAULT_MAX_TOKENS = 256;
/** How long a text that was cut short waits for its spelling. */
const LAST_PATIENCE_MS = 2000;

function lengthOf(asked: number | undefined, room: number): number {
  const maxTokens = asked ?? Math.min(DEFAULT_MAX_TOKENS, Math.max(1, room));
  if (maxTokens <= room) return maxTokens;
  throw new TokenmarkError(
    "too-long",
    `--max-tokens: wanted at most the ${Math.max(0, room)} tokens that the server's context has room for behind the prompt, got ${maxTokens}`,
  );
}

/** What the server leaves out has probability 0, so a larger top-k would not be what the receipt says. */
function checkTopK(topK: number | undefined, { topLogprobs }: OpenServer["source"]): void {
  if (topK === undefined || topK <= topLogprobs) return;
  throw new TokenmarkError(
    "bad-argument",
    `--top-k: wanted at most the ${topLogprobs} candidates that are asked for (--top-logprobs), got ${topK}`,
  );
}

/**
 * Writes a text to stdout as it comes. Whatever ends it, `onEnd` gets what was written, and stdout has all of its text.
 *
 * @throws TokenmarkError what core's `generate` throws, after `onEnd`.
 */
export async function writeThroughServer(
  { source, facts }: OpenServer,
  mark: SchemeChoice | undefined,
  prompt: string,
  flags: ServerTextFlags,
  signal: AbortSignal,
  onEnd: (text: ServerText) => Promise<void>,
): Promise<void> {
  const { temperature = 1, topK, topP, minP, seed, stop, endToken, speculate } = flags;
  checkTopK(topK, source);
  const promptTokens = await source.encode(prompt, { signal });
  if (promptTokens.length === 0) {
    throw new TokenmarkError("empty-text", "prompt: wanted at least one token, got an empty text");
  }
  const room = (facts.contextLength ?? Number.MAX_SAFE_INTEGER) - promptTokens.length;
  const greedy = temperature === 0 || topK === 1;
  let end: GenerationSummary | undefined;
  let written = "";
  const steps = generate(source, promptTokens, {
    maxTokens: lengthOf(flags.maxTokens, room),
    stopTokens: endToken ?? facts.endTokens,
    random: seed === undefined ? cryptoRandom() : seedrandom(seed),
    signal,
    onEnd: (summary) => {
      end = summary;
    },
    ...given({ scheme: mark?.scheme, stop, speculate, topP, minP }),
    ...(greedy ? { greedy } : { temperature, ...given({ topK }) }),
  });
  /** A server that does not spell writes its text at the end, by its own tokenizer; one that has failed may not, and the ids stay. */
  const spell = async ({ tokens, finishReason }: GenerationSummary): Promise<string> => {
    if (tokens.length === 0) return "";
    if (finishReason === "length" || finishReason === "stop") return source.decode(tokens, { signal });
    return source.decode(tokens, { signal: AbortSignal.timeout(LAST_PATIENCE_MS) }).catch(() => "");
  };
  const finish = async (): Promise<void> => {
    if (end === undefined) return;
    const text = end.text ?? (await spell(end));
    try {
      await writeStdout(text.slice(written.length));
    } finally {
      await onEnd({ ...end, promptTokens, text });
    }
  };
  try {
    for await (const { text } of steps) {
      written += text;
      if (text !== "") await writeStdout(text);
    }
  } catch (error) {
    // What was written stays; a second failure on the way must not hide the first.
    await finish().catch(() => {});
    throw error;
  }
  await finish();
}
