import { TokenmarkError } from "@tokenmark/core";
import {
  checkServerTokenizer,
  connect,
  createHttpClient,
  identifyServer,
  openaiCompletions,
  type ServerProgram,
  type ServerSource,
} from "@tokenmark/logit-api";
import { askPredictions, encodeAnswers, type ModelEvidence, oneLine, type Predictions } from "@tokenmark/radioactivity";
import type { ModelTokenizer } from "@tokenmark/transformers";
import { connectOptions } from "../api/api-options.ts";
import { given } from "../given.ts";
import { closedPrompts } from "./closed-prompts.ts";
import { completeText } from "./complete-text.ts";
import { type EvidenceSetting, requireTokenizer, wantedOf } from "./model-evidence.ts";

/** How the command line names a suspect behind HTTP. */
export interface ServerFlags {
  readonly server: string;
  readonly apiModel?: string;
  readonly timeout?: number;
}

/** Fields that only engines know and others refuse: left out, vLLM takes the model's generation_config, which cuts off rare tokens. */
const NEUTRAL = { top_k: -1, min_p: 0, repetition_penalty: 1 };

/** Top-1 is all that open mode looks at; sources want at least two candidates. */
const CANDIDATES = 2;

/**
 * What a plan wants of a suspect behind a server: in closed mode its text, by `/v1/completions`, encoded with the mark's tokenizer; in open mode
 * its best token at each position of the transcripts, a question each, from servers that name tokens by id.
 *
 * @throws TokenmarkError `bad-argument` where the tokenizer is not at hand or open mode cannot be had, and what the server's answers make of it.
 */
export async function serverEvidence(flags: ServerFlags, setting: EvidenceSetting): Promise<ModelEvidence> {
  const { open, closed } = wantedOf(setting.plan);
  const tokenizer = requireTokenizer(setting.tokenizer, "to read what a server writes");
  const options = connectOptions({ url: flags.server, ...given({ apiModel: flags.apiModel, timeout: flags.timeout }) });
  const { address, facts } = openaiCompletions(options);
  const model = options.model ?? (await facts({ signal: setting.signal })).model ?? undefined;
  const name = model === undefined ? address : `${oneLine(model)} at ${address}`;
  return {
    name,
    ...(open ? { predictions: await askAll(name, options, tokenizer, setting) } : {}),
    ...(closed ? await writeAnswers(name, options, model, tokenizer, setting) : {}),
  };
}

type Options = ReturnType<typeof connectOptions>;

/** A server whose ids are the transcripts', or why open mode cannot be had from it. */
async function openSource(options: Options, tokenizer: ModelTokenizer, signal: AbortSignal): Promise<ServerSource> {
  try {
    const { model, ...rest } = options;
    const program = await identifyServer(rest, { signal });
    // Of llama.cpp and SGLang a model's name is asked by no route but OpenAI's.
    const named = program === "vllm" || program === "other" ? given({ model }) : {};
    const source = await connect({ ...rest, ...named, topLogprobs: CANDIDATES }, { signal });
    await checkServerTokenizer(source, tokenizer, { signal });
    return source;
  } catch (cause) {
    if (!(cause instanceof TokenmarkError)) throw cause;
    if (cause.code !== "unsupported-server" && cause.code !== "tokenizer-mismatch") throw cause;
    throw new TokenmarkError(
      "bad-argument",
      `${cause.message}; open mode needs the suspect's weights (--model) or a server that names the mark's tokens by id (llama.cpp, vLLM, SGLang); plan --mode closed alone, which needs its text only`,
      { cause },
    );
  }
}

async function askAll(
  name: string,
  options: Options,
  tokenizer: ModelTokenizer,
  { transcripts, signal, onStep }: EvidenceSetting,
): Promise<Predictions[]> {
  const source = await openSource(options, tokenizer, signal);
  const predictions: Predictions[] = [];
  for (const transcript of transcripts) {
    predictions.push(await askPredictions(source, transcript, { signal }));
    onStep(`${name}: read ${predictions.length} of ${transcripts.length} transcripts`);
  }
  return predictions;
}

/** Whether a server is one of the engines; one that lists nothing but answers is none. */
async function programOf(options: Options, signal: AbortSignal): Promise<ServerProgram> {
  return identifyServer(options, { signal }).catch((error: unknown): ServerProgram => {
    if (error instanceof TokenmarkError && error.code === "unsupported-server") return "other";
    throw error;
  });
}

async function writeAnswers(
  name: string,
  options: Options,
  model: string | undefined,
  tokenizer: ModelTokenizer,
  { plan, transcripts, signal, onStep }: EvidenceSetting,
): Promise<Pick<ModelEvidence, "answers" | "retokenised">> {
  const { tokens: max_tokens, temperature } = plan.closed;
  const program = await programOf(options, signal);
  const client = createHttpClient(options);
  const neutral = program === "vllm" || program === "llama.cpp" || program === "sglang" ? NEUTRAL : {};
  const prompts = closedPrompts(plan, transcripts);
  const written = [];
  for (const { promptText, serverSeed: seed } of prompts) {
    const body = { ...given({ model }), prompt: promptText, max_tokens, temperature, top_p: 1, seed, ...neutral };
    written.push({ promptText, text: await completeText(client, body, signal) });
    onStep(`${name}: wrote ${written.length} of ${prompts.length} answers`);
  }
  return { answers: encodeAnswers(written, tokenizer), retokenised: true };
}
