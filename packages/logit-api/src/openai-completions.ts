import { type SourceCall, type TokenId, TokenmarkError, type TokenSequence } from "@tokenmark/core";
import { badAnswer, isId, type Json, readArray, readCount, readIds, readObject } from "./answer.ts";
import { createHttpClient, type HttpOptions } from "./http-client.ts";
import { readEntry } from "./llama-server.ts";
import { createCandidateList, type ScoredPosition } from "./scored-position.ts";
import {
  type Answer,
  checkTopLogprobs,
  createServerSource,
  type Question,
  type ServerFacts,
  type ServerSource,
} from "./server-source.ts";
import { detokenizerOf, type SpellingTokenizer } from "./spelling-tokenizer.ts";
import { createTokenSpelling, type TokenSpelling } from "./token-spelling.ts";

/** Options of {@link openaiCompletions}. */
export interface OpenaiCompletionsOptions extends HttpOptions {
  /** The model's name on the server. @defaultValue the first that it lists */
  readonly model?: string;
  /** Candidates a position, at least 2. vLLM gives 20 unless it was started with a higher --max-logprobs. @defaultValue 20 */
  readonly topLogprobs?: number;
  /** Spells the tokens, for text pieces and stop strings. @defaultValue none */
  readonly tokenizer?: SpellingTokenizer;
  /** Whether the answers carry the tokens' bytes, which then spell them: llama.cpp's do. @defaultValue false */
  readonly bytes?: boolean;
  /**
   * Whether scores at temperature 0 are the raw model's, so that greedy runs serve as drafts; true of vLLM and llama.cpp, and what
   * the probe finds out. @defaultValue true
   */
  readonly drafts?: boolean;
}

const DEFAULT_LOGPROBS = 20;
const TOKEN_ID = /^token_id:(\d+)$/;
/** OpenAI's limit for a bias; vLLM cuts off what is above. */
const LARGEST_BIAS = 100;

/** Sampling that changes nothing: left out, vLLM takes the model's generation_config, whose penalties show in processed scores. */
const NEUTRAL = { top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1, presence_penalty: 0, frequency_penalty: 0 };

/** `token_id:123` as vLLM writes it with `return_tokens_as_token_ids`. */
function idOf(server: string, name: unknown): TokenId {
  const match = typeof name === "string" ? TOKEN_ID.exec(name) : null;
  const id = match === null ? Number.NaN : Number(match[1]);
  if (isId(id)) return id;
  throw new TokenmarkError(
    "unsupported-server",
    `server ${server}: its answer names tokens by their text, not by id, and different tokens can have the same text; marking needs ids (llama.cpp, vLLM and SGLang give them)`,
  );
}

/** OpenAI's legacy arrays: `tokens` and `top_logprobs`, one map a position. */
function readLegacy(server: string, logprobs: Json, limit: number): readonly ScoredPosition[] {
  const tokens = readArray(server, "logprobs.tokens", logprobs.tokens);
  const tops = readArray(server, "logprobs.top_logprobs", logprobs.top_logprobs);
  const positions: ScoredPosition[] = [];
  for (let i = 0; i < tokens.length && i < tops.length; i++) {
    const field = "logprobs.top_logprobs[]";
    const list = createCandidateList(server, field, limit);
    for (const [name, value] of Object.entries(readObject(server, field, tops[i]))) list.add(idOf(server, name), value);
    positions.push(list.finish(idOf(server, tokens[i])));
  }
  return positions;
}

/**
 * The chat shape, which llama.cpp gives on both routes: `content`, one entry a position, but none for tokens that end inside a
 * character. What gives a gap away is the entry behind it: its bytes are the whole character's, more than its token's own.
 */
function readContent(
  server: string,
  content: readonly unknown[],
  limit: number,
  spelling: TokenSpelling,
): readonly ScoredPosition[] {
  const positions: ScoredPosition[] = [];
  for (const entry of content) {
    const { id, token, bytes, top_logprobs } = readObject(server, "logprobs.content[]", entry);
    if (!isId(id)) idOf(server, token);
    const same = (Array.isArray(top_logprobs) ? (top_logprobs as readonly Json[]) : []).find((item) => item.id === id);
    if (same !== undefined && String(same.bytes) !== String(bytes)) break;
    positions.push(readEntry(server, entry, limit, spelling));
  }
  return positions;
}

/**
 * Next-token scores of a server with OpenAI's `/v1/completions` that takes token ids as the prompt and names tokens by id: vLLM, and
 * llama.cpp's own. OpenAI itself, Ollama and chat routes do not, and are refused in a sentence; `probe` tells beforehand.
 *
 * @throws TokenmarkError `bad-argument`; from its functions what {@link createHttpClient} throws, and `unsupported-server`.
 */
export function openaiCompletions(options: OpenaiCompletionsOptions): ServerSource {
  const { topLogprobs: asked = DEFAULT_LOGPROBS, tokenizer, bytes = false, drafts = true } = options;
  const topLogprobs = checkTopLogprobs(asked);
  const client = createHttpClient(options);
  const { address } = client;
  const spelling = createTokenSpelling(address);
  let model: Promise<string | null> | null = null;

  async function facts(call: SourceCall = {}): Promise<ServerFacts> {
    const answer = readObject(address, "the answer", await client.get("/v1/models", call));
    const list = readArray(address, "data", answer.data).map((item) => readObject(address, "data[]", item));
    const entry = options.model === undefined ? list[0] : list.find(({ id }) => id === options.model);
    if (entry === undefined && options.model !== undefined) {
      const names = list.map(({ id }) => String(id)).join(", ");
      throw new TokenmarkError("bad-argument", `model: wanted one of the server's (${names}), got another`);
    }
    const meta = (entry?.meta ?? {}) as Json;
    return {
      model: typeof entry?.id === "string" ? entry.id : null,
      vocabularySize: readCount(meta.n_vocab),
      contextLength: readCount(entry?.max_model_len) ?? readCount(meta.n_ctx),
      endTokens: [],
    };
  }

  async function modelName(call: SourceCall): Promise<object> {
    if (options.model !== undefined) return { model: options.model };
    model ??= facts(call).then((known) => known.model);
    const name = await model.catch((error: unknown) => {
      model = null;
      throw error;
    });
    return name === null ? {} : { model: name };
  }

  async function ask(question: Question, call: SourceCall = {}): Promise<Answer> {
    const { prompt, maxTokens, topLogprobs: count, temperature, bias = [] } = question;
    const limited = bias.map(([id, value]) => [id, Math.max(-LARGEST_BIAS, Math.min(LARGEST_BIAS, value))]);
    const answer = await client.post(
      "/v1/completions",
      {
        ...(await modelName(call)),
        ...NEUTRAL,
        prompt,
        max_tokens: maxTokens,
        logprobs: count,
        temperature,
        return_tokens_as_token_ids: true,
        ...(bias.length === 0 ? {} : { logit_bias: Object.fromEntries(limited) }),
      },
      call,
    );
    const { choices } = readObject(address, "the answer", answer);
    const choice = readObject(address, "choices[0]", readArray(address, "choices", choices)[0]);
    const logprobs = (choice.logprobs ?? null) as Json | null;
    if (logprobs === null) return { tokens: [], positions: [] };
    const positions = Array.isArray(logprobs.content)
      ? readContent(address, logprobs.content, count, spelling)
      : readLegacy(address, logprobs, count);
    return { tokens: positions.map(({ token }) => token), positions };
  }

  /** llama.cpp reports no scores for a token that ends inside a character; then a plain one is forced, as in `llamaServer`. */
  async function askSingle(question: Question, call: SourceCall): Promise<Answer> {
    const answer = await ask(question, call);
    if (answer.positions.length > 0 || question.maxTokens > 1 || typeof question.prompt === "string") return answer;
    const plain = spelling.asciiToken ?? (await encode("a", { ...call, addSpecial: false })).at(-1);
    return plain === undefined ? answer : ask({ ...question, bias: [[plain, LARGEST_BIAS]] }, call);
  }

  async function encode(
    text: string,
    { addSpecial = true, ...call }: SourceCall & { readonly addSpecial?: boolean } = {},
  ): Promise<readonly TokenId[]> {
    // vLLM reads `prompt` and `add_special_tokens`, llama.cpp `content` and `add_special`.
    const body = { prompt: text, content: text, add_special_tokens: addSpecial, add_special: addSpecial };
    const answer = await client.post("/tokenize", { ...(await modelName(call)), ...body }, call);
    return readIds(address, "tokens", readObject(address, "the answer", answer).tokens);
  }

  async function decode(tokens: TokenSequence, call: SourceCall = {}): Promise<string> {
    const body = { ...(await modelName(call)), tokens: Array.from(tokens) };
    const answer = readObject(address, "the answer", await client.post("/detokenize", body, call));
    const text = answer.prompt ?? answer.content;
    if (typeof text !== "string") throw badAnswer(address, "prompt", "a text", text);
    return text;
  }

  return createServerSource({
    kind: "openai-completions",
    name: `completions at ${address}`,
    address,
    topLogprobs,
    drafts,
    single: async (prompt) => ({ prompt, maxTokens: 1, topLogprobs, temperature: 1 }),
    ask: askSingle,
    encode,
    decode,
    facts,
    ...(bytes && tokenizer === undefined
      ? { createDetokenizer: () => spelling.createDetokenizer() }
      : detokenizerOf(tokenizer)),
  });
}
