import { type SourceCall, type TokenId, TokenmarkError } from "@tokenmark/core";
import type { ScoredPosition } from "./scored-position.ts";
import type { Answer, ServerFacts, ServerKind, ServerSource } from "./server-source.ts";

/** What a server can do for marking, measured by asking it. */
export interface ProbeReport extends ServerFacts {
  readonly kind: ServerKind;
  readonly address: string;
  /** Answers name tokens by id. */
  readonly ids: boolean;
  /** A prompt of ids is read as those ids. */
  readonly idsAsPrompt: boolean;
  /** Answers (or a tokenizer at hand) spell the tokens, so that text can be written and stop strings found. */
  readonly spells: boolean;
  /** Candidates that a question gets, at most what was asked for. */
  readonly candidates: number;
  /** Whether the server gave fewer candidates than were asked for. */
  readonly capped: boolean;
  /** `raw`: the model's, whatever the sampling. `processed`: after the server's temperature; asked for at temperature 1 they are raw. */
  readonly scores: "raw" | "processed";
  /** Greedy runs have the raw model's scores and can serve as drafts. */
  readonly drafts: boolean;
  /** A `logit_bias` decides what the server samples. */
  readonly bias: boolean;
  /** Whether text can be marked through it. */
  readonly usable: boolean;
  /** In words: what works, or what cannot and what to do. */
  readonly verdict: string;
}

/** Options of {@link probe}. */
export interface ProbeOptions extends SourceCall {
  /** A text whose continuation is not certain, in a language that the model knows. */
  readonly text?: string;
}

const TEXT = "The quick brown fox";
/** Scores of a cached and an uncached evaluation differ by some 1e-5, of half precision by more; a temperature changes them by whole nats. */
const SAME = 0.05;
/** Limits that servers are known to have. */
const KNOWN_CAPS = [20, 5];

/** Largest difference of the scores of tokens in both; infinite if the best token of one is none of the other's. */
function distance(a: ScoredPosition, b: ScoredPosition): number {
  // Not whether the best is the same: two that are level change places between a cached and an uncached evaluation.
  if (!a.candidates.includes(bestOf(b)) || !b.candidates.includes(bestOf(a))) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0, j = 0; i < a.candidates.length && j < b.candidates.length; ) {
    const step = a.candidates[i]! - b.candidates[j]!;
    if (step === 0) {
      worst = Math.max(worst, Math.abs(a.logits[i]! - b.logits[j]!));
    }
    if (step <= 0) i++;
    if (step >= 0) j++;
  }
  return worst;
}

function bestOf({ candidates, logits }: ScoredPosition): TokenId {
  let at = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[at]!) at = i;
  return candidates[at]!;
}

function worstOf({ candidates, logits }: ScoredPosition): TokenId {
  let at = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! < logits[at]!) at = i;
  return candidates[at]!;
}

const isUnsupported = (error: unknown): boolean =>
  error instanceof TokenmarkError && error.code === "unsupported-server";

/** Whether a server that gives no ids of a text still names those of its own tokens. */
async function namesIdsOfText(source: ServerSource, text: string, call: SourceCall): Promise<boolean> {
  try {
    return (await askForMany(source, text, call)).positions.length > 0;
  } catch (error) {
    if (isUnsupported(error) || isRefusal(error)) return false;
    throw error;
  }
}

/** A refusal of the question itself: too many candidates, say, or an unknown field. */
function isRefusal(error: unknown): boolean {
  return error instanceof TokenmarkError && (error.code === "server-error" || error.code === "bad-answer");
}

/** Asks for as many candidates as the source wants, then for what servers are known to give. */
async function askForMany(
  source: ServerSource,
  prompt: readonly TokenId[] | string,
  call: SourceCall,
): Promise<Answer> {
  let refused: unknown;
  for (const topLogprobs of [source.topLogprobs, ...KNOWN_CAPS.filter((cap) => cap < source.topLogprobs)]) {
    try {
      return await source.ask({ prompt, maxTokens: 1, topLogprobs, temperature: 1 }, call);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused ??= error;
    }
  }
  throw refused;
}

function verdictOf(report: Omit<ProbeReport, "verdict" | "usable">): { usable: boolean; verdict: string } {
  const { ids, idsAsPrompt, candidates, capped, spells, drafts, scores } = report;
  if (!ids) {
    const verdict =
      "cannot be used: it deals in text, not in token ids (as OpenAI's and other chat APIs do); llama.cpp's llama-server, vLLM and SGLang name them";
    return { usable: false, verdict };
  }
  if (!idsAsPrompt) {
    return { usable: false, verdict: "cannot be used: it does not read a prompt of token ids as those ids" };
  }
  if (candidates < 2)
    return { usable: false, verdict: "cannot be used: it gives a single candidate, which leaves nothing to mark" };
  const parts = [`can be used, with ${candidates} candidates a position`];
  if (capped)
    parts.push("the server gives no more (vLLM: start it with --max-logprobs), so a flat model's mark gets weaker");
  if (scores === "processed")
    parts.push("scores are asked for at temperature 1, since the server's own temperature changes them");
  if (!drafts) parts.push("one question a token, since greedy runs do not carry the model's own scores");
  if (!spells) parts.push("its answers do not spell tokens: give a tokenizer for text and stop strings");
  return { usable: true, verdict: parts.join("; ") };
}

/**
 * Asks a server half a dozen small questions and tells what it can do. A server that cannot serve is reported as unusable, with the
 * reason; one that cannot be reached throws.
 *
 * @throws TokenmarkError `network`, `timeout`, `unauthorized`, `rate-limited`, `server-error`, `bad-answer`, `aborted`.
 */
export async function probe(source: ServerSource, options: ProbeOptions = {}): Promise<ProbeReport> {
  const { text = TEXT, ...call } = options;
  const { kind, address } = source;
  const facts = await source.facts(call);
  const silent = {
    ids: false,
    idsAsPrompt: false,
    spells: false,
    candidates: 0,
    capped: false,
    scores: "raw",
    drafts: false,
    bias: false,
  } as const;
  const report = (
    found: Omit<ProbeReport, keyof ServerFacts | "kind" | "address" | "usable" | "verdict">,
  ): ProbeReport => {
    const all = { kind, address, ...facts, ...found };
    return Object.freeze({ ...all, ...verdictOf(all) });
  };

  let prompt: readonly TokenId[];
  let answer: Answer;
  try {
    prompt = await source.encode(text, call);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    if (!(await namesIdsOfText(source, text, call))) return report(silent);
    const verdict = `cannot be used: it names tokens by id, but has no route that gives a text's ids (does a gateway forward /v1 alone?): ${(error as Error).message}`;
    return Object.freeze({ kind, address, ...facts, ...silent, ids: true, usable: false, verdict });
  }
  try {
    answer = await askForMany(source, prompt, call);
  } catch (error) {
    if (isUnsupported(error)) return report(silent);
    throw error;
  }
  const [plain] = answer.positions;
  if (plain === undefined) return report(silent);

  const topLogprobs = Math.min(source.topLogprobs, Math.max(2, plain.candidates.length));
  const one = async (question: Partial<Parameters<ServerSource["ask"]>[0]>): Promise<Answer> =>
    source.ask({ prompt, maxTokens: 1, topLogprobs, temperature: 1, ...question }, call);
  const differs = async (question: Parameters<typeof one>[0]): Promise<boolean> => {
    const [position] = (await one(question)).positions;
    return position === undefined || distance(plain, position) > SAME;
  };
  // The same text, begun by the server itself, must give the scores that our ids gave.
  const idsAsPrompt = !(await differs({ prompt: text }));
  const scores = (await differs({ temperature: 0.5 })) ? "processed" : "raw";
  const drafts = source.draft !== undefined && !(await differs({ temperature: 0 }));
  const forced = worstOf(plain);
  const biased = await one({ temperature: 0, bias: [[forced, 100]] });
  let spells = true;
  try {
    source.createDetokenizer?.(prompt).push(bestOf(plain));
    spells = source.createDetokenizer !== undefined;
  } catch {
    spells = false;
  }
  const candidates = plain.candidates.length;
  return report({
    ids: true,
    idsAsPrompt,
    spells,
    candidates,
    capped: candidates < source.topLogprobs && candidates !== facts.vocabularySize,
    scores,
    drafts,
    bias: biased.tokens[0] === forced,
  });
}
