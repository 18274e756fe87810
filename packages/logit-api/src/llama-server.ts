import { type SourceCall, type TokenId, TokenmarkError, type TokenSequence } from "@tokenmark/core";
import { badAnswer, isId, type Json, readArray, readCount, readIds, readObject } from "./answer.ts";
import { createHttpClient, type HttpOptions } from "./http-client.ts";
import { createCandidateList, type ScoredPosition } from "./scored-position.ts";
import {
  type Answer,
  checkTopLogprobs,
  createServerSource,
  DEFAULT_TOP_LOGPROBS,
  type Question,
  type ServerFacts,
  type ServerSource,
} from "./server-source.ts";
import { createTokenSpelling, type TokenSpelling } from "./token-spelling.ts";

/** Options of {@link llamaServer}. */
export interface LlamaServerOptions extends HttpOptions {
  /** Candidates a position, at least 2; the server sets no limit. @defaultValue 100 */
  readonly topLogprobs?: number;
  /** The server's slot: one sequence that keeps its cache. @defaultValue the server's choice, by the longest common prefix */
  readonly slot?: number;
}

/** Far above any logit, so that the server's own choice is certain. */
const CERTAIN = 1e6;
const PROBABILITIES = "completion_probabilities";

/**
 * Reads one entry of `completion_probabilities`, or of `logprobs.content`, which has the same shape. Bytes are learnt of the candidates
 * alone: the entry of a token that completes a character has all of that character's bytes.
 */
export function readEntry(server: string, value: unknown, limit: number, spelling: TokenSpelling): ScoredPosition {
  const field = `${PROBABILITIES}[]`;
  const entry = readObject(server, field, value);
  if (!isId(entry.id)) throw badAnswer(server, `${field}.id`, "a token id", entry.id);
  const list = createCandidateList(server, `${field}.top_logprobs`, limit);
  for (const item of readArray(server, `${field}.top_logprobs`, entry.top_logprobs)) {
    const candidate = readObject(server, `${field}.top_logprobs[]`, item);
    list.add(candidate.id, candidate.logprob);
    spelling.learn(candidate.id as TokenId, candidate.bytes);
  }
  return list.finish(entry.id);
}

/**
 * Scores of the first positions, one an entry. The server leaves out the entry of a token that ends inside a character, so entries
 * are taken while they name the answer's tokens in order. That cannot go wrong: a token whose bytes leave a character unfinished
 * does so wherever it stands, so the entry of a later copy of it cannot be mistaken for its own.
 */
function readPositions(
  server: string,
  entries: readonly unknown[],
  tokens: readonly TokenId[],
  limit: number,
  spelling: TokenSpelling,
): readonly ScoredPosition[] {
  const positions: ScoredPosition[] = [];
  for (let i = 0; i < entries.length && i < tokens.length; i++) {
    if ((entries[i] as Json | null)?.id !== tokens[i]) break;
    positions.push(readEntry(server, entries[i], limit, spelling));
  }
  return positions;
}

/**
 * Next-token scores of a llama.cpp server (`llama-server`, also inside LocalAI, Ramalama and others).
 *
 * Every single position is asked for with one plain token forced by a bias: the reported scores are the raw model's whatever the
 * bias, and a forced plain token never ends the text or leaves half a character, for which the server reports no scores at all.
 *
 * @example
 * const source = llamaServer({ baseURL: "http://127.0.0.1:8080", topLogprobs: 100 });
 * const prompt = await source.encode("Once upon a time");
 * for await (const { text } of generate(source, prompt, { scheme, maxTokens: 200, random })) process.stdout.write(text);
 *
 * @throws TokenmarkError `bad-argument`; from its functions what {@link createHttpClient} throws.
 */
export function llamaServer(options: LlamaServerOptions): ServerSource {
  const { topLogprobs: asked = DEFAULT_TOP_LOGPROBS, slot } = options;
  const topLogprobs = checkTopLogprobs(asked);
  if (slot !== undefined && !(Number.isInteger(slot) && slot >= 0)) {
    throw new TokenmarkError("bad-argument", `slot: wanted an integer of at least 0, got ${slot}`);
  }
  const client = createHttpClient(options);
  const { address } = client;
  const spelling = createTokenSpelling(address);
  let plain: TokenId | null = null;

  async function encode(
    text: string,
    { addSpecial = true, ...call }: SourceCall & { readonly addSpecial?: boolean } = {},
  ): Promise<readonly TokenId[]> {
    const answer = readObject(
      address,
      "the answer",
      await client.post("/tokenize", { content: text, add_special: addSpecial }, call),
    );
    return readIds(address, "tokens", answer.tokens);
  }

  async function decode(tokens: TokenSequence, call: SourceCall = {}): Promise<string> {
    const answer = await client.post("/detokenize", { tokens: Array.from(tokens) }, call);
    const { content } = readObject(address, "the answer", answer);
    if (typeof content !== "string") throw badAnswer(address, "content", "a text", content);
    return content;
  }

  async function plainToken(call: SourceCall): Promise<TokenId> {
    plain ??= spelling.asciiToken;
    if (plain !== null) return plain;
    // SentencePiece may put a space before it; the last token is the letter, with the space or without.
    plain = (await encode("a", { ...call, addSpecial: false })).at(-1) ?? null;
    if (plain === null) throw badAnswer(address, "tokens", "a token for a plain letter", []);
    return plain;
  }

  /** What a route tells; nothing where it is switched off (--no-props) or a proxy lets it not through. */
  async function tell(path: string, call: SourceCall): Promise<Json> {
    const answer = await client.get(path, call).catch((error: unknown) => {
      if (error instanceof TokenmarkError && error.code === "unsupported-server") return {};
      throw error;
    });
    return readObject(address, `the answer of ${path}`, answer);
  }

  async function facts(call: SourceCall = {}): Promise<ServerFacts> {
    const models = await tell("/v1/models", call);
    const props = await tell("/props", call);
    const [first] = (Array.isArray(models.data) ? models.data : []) as readonly Json[];
    const meta = (first?.meta ?? {}) as Json;
    const { eos_token: end, default_generation_settings: settings } = props;
    // The server parses special tokens in a text, so the end token's name is its id.
    const ends = typeof end === "string" && end !== "" ? await encode(end, { ...call, addSpecial: false }) : [];
    return {
      model: typeof first?.id === "string" ? first.id : null,
      vocabularySize: readCount(meta.n_vocab),
      contextLength: readCount((settings as Json | undefined)?.n_ctx) ?? readCount(meta.n_ctx),
      endTokens: ends.length === 1 ? ends : [],
    };
  }

  async function ask(question: Question, call: SourceCall = {}): Promise<Answer> {
    const { prompt, maxTokens, topLogprobs: count, temperature, bias = [] } = question;
    const answer = await client.post(
      "/completion",
      {
        prompt,
        n_predict: maxTokens,
        n_probs: count,
        temperature,
        // What else the server's defaults may do to its own choice, a draft should not have.
        samplers: ["temperature"],
        logit_bias: bias,
        cache_prompt: true,
        return_tokens: true,
        response_fields: ["tokens", PROBABILITIES, "truncated"],
        ...(slot === undefined ? {} : { id_slot: slot }),
      },
      call,
    );
    const fields = readObject(address, "the answer", answer);
    const tokens = readIds(address, "tokens", fields.tokens);
    const entries = fields[PROBABILITIES] === undefined ? [] : readArray(address, PROBABILITIES, fields[PROBABILITIES]);
    const positions = readPositions(address, entries, tokens, count, spelling);
    // At the end of its context a server with --context-shift forgets the beginning and goes on; only the first scores are surely whole.
    return { tokens, positions: fields.truncated === true ? positions.slice(0, 1) : positions };
  }

  return createServerSource({
    kind: "llama.cpp",
    name: `llama.cpp at ${address}`,
    address,
    topLogprobs,
    createDetokenizer: () => spelling.createDetokenizer(),
    drafts: true,
    single: async (prompt, call) => ({
      prompt,
      maxTokens: 1,
      topLogprobs,
      temperature: 1,
      bias: [[await plainToken(call), CERTAIN]],
    }),
    ask,
    encode,
    decode,
    facts,
  });
}
