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
import { detokenizerOf, type SpellingTokenizer } from "./spelling-tokenizer.ts";

/** Options of {@link sglang}. */
export interface SglangOptions extends HttpOptions {
  /** Candidates a position, at least 2. @defaultValue 100 */
  readonly topLogprobs?: number;
  /** Spells the tokens, for text pieces and stop strings: the server's answers do not give bytes. @defaultValue none */
  readonly tokenizer?: SpellingTokenizer;
}

/** Triples (ln p, id, text): of the sampled tokens, and lists of them for the candidates. */
function readTriple(server: string, field: string, value: unknown): readonly [unknown, unknown] {
  const [logprob, id] = readArray(server, field, value);
  return [logprob, id];
}

/**
 * Next-token scores of an SGLang server's `/generate`. Its scores are those after the temperature, so single positions are asked for
 * at temperature 1; a greedy run it evaluates at temperature 1 as well.
 *
 * @throws TokenmarkError `bad-argument`; from its functions what {@link createHttpClient} throws.
 */
export function sglang(options: SglangOptions): ServerSource {
  const { topLogprobs: asked = DEFAULT_TOP_LOGPROBS, tokenizer } = options;
  const topLogprobs = checkTopLogprobs(asked);
  const client = createHttpClient(options);
  const { address } = client;

  async function facts(call: SourceCall = {}): Promise<ServerFacts> {
    const info = readObject(address, "the answer", await client.get("/get_model_info", call));
    return {
      model: typeof info.model_path === "string" ? info.model_path : null,
      vocabularySize: readCount(info.vocab_size),
      contextLength: readCount(info.context_length) ?? readCount(info.max_model_len),
      endTokens: [],
    };
  }

  async function ask(question: Question, call: SourceCall = {}): Promise<Answer> {
    const { prompt, maxTokens, topLogprobs: count, temperature, bias = [] } = question;
    const answer = await client.post(
      "/generate",
      {
        ...(typeof prompt === "string" ? { text: prompt } : { input_ids: prompt }),
        sampling_params: {
          max_new_tokens: maxTokens,
          temperature,
          top_p: 1,
          top_k: -1,
          min_p: 0,
          repetition_penalty: 1,
          presence_penalty: 0,
          frequency_penalty: 0,
          ...(bias.length === 0
            ? {}
            : { logit_bias: Object.fromEntries(bias.map(([id, value]) => [String(id), value])) }),
        },
        return_logprob: true,
        top_logprobs_num: count,
        return_text_in_logprobs: false,
      },
      call,
    );
    const { meta_info } = readObject(address, "the answer", Array.isArray(answer) ? answer[0] : answer);
    const meta = readObject(address, "meta_info", meta_info);
    const own = readArray(address, "output_token_logprobs", meta.output_token_logprobs ?? []);
    const tops = readArray(address, "output_top_logprobs", meta.output_top_logprobs ?? []);
    const tokens: TokenId[] = [];
    const positions: ScoredPosition[] = [];
    for (let i = 0; i < own.length && i < tops.length; i++) {
      const [, token] = readTriple(address, "output_token_logprobs[]", own[i]);
      if (!isId(token)) throw badAnswer(address, "output_token_logprobs[]", "a token id", token);
      const list = createCandidateList(address, "output_top_logprobs[]", count);
      for (const item of readArray(address, "output_top_logprobs[]", tops[i])) {
        const [logprob, id] = readTriple(address, "output_top_logprobs[][]", item);
        list.add(id, logprob);
      }
      tokens.push(token);
      positions.push(list.finish(token));
    }
    return { tokens, positions };
  }

  /** Newer servers have `/tokenize`, others only below `/v1`. */
  async function viaTokenizer(path: string, body: object, call: SourceCall): Promise<Json> {
    const answer = await client.post(path, body, call).catch((error: unknown) => {
      if (error instanceof TokenmarkError && error.code === "unsupported-server")
        return client.post(`/v1${path}`, body, call);
      throw error;
    });
    return readObject(address, "the answer", answer);
  }

  async function encode(
    text: string,
    { addSpecial = true, ...call }: SourceCall & { readonly addSpecial?: boolean } = {},
  ): Promise<readonly TokenId[]> {
    const answer = await viaTokenizer("/tokenize", { prompt: text, add_special_tokens: addSpecial }, call);
    return readIds(address, "tokens", answer.tokens);
  }

  async function decode(tokens: TokenSequence, call: SourceCall = {}): Promise<string> {
    const { text, prompt } = await viaTokenizer("/detokenize", { tokens: Array.from(tokens) }, call);
    const content = text ?? prompt;
    if (typeof content !== "string") throw badAnswer(address, "text", "a text", content);
    return content;
  }

  return createServerSource({
    kind: "sglang",
    name: `SGLang at ${address}`,
    address,
    topLogprobs,
    drafts: true,
    single: async (prompt) => ({ prompt, maxTokens: 1, topLogprobs, temperature: 1 }),
    ask,
    encode,
    decode,
    facts,
    ...detokenizerOf(tokenizer),
  });
}
