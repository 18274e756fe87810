import { type SourceCall, TokenmarkError } from "@tokenmark/core";
import type { HttpOptions } from "./http-client.ts";
import { identifyServer, type ServerProgram } from "./identify-server.ts";
import { llamaServer } from "./llama-server.ts";
import { openaiCompletions } from "./openai-completions.ts";
import type { ServerSource } from "./server-source.ts";
import { sglang } from "./sglang.ts";
import type { SpellingTokenizer } from "./spelling-tokenizer.ts";

/** Names of the protocols that {@link connect} speaks. */
export const apiNames = ["llama", "openai", "sglang"] as const;
export type ApiName = (typeof apiNames)[number];

/** Options of {@link connect}. */
export interface ConnectOptions extends HttpOptions {
  /** The protocol. @defaultValue the one of the server that answers */
  readonly api?: ApiName;
  /** The model's name, where a server has several; only `openai` asks for one by name. */
  readonly model?: string;
  /** Candidates a position. @defaultValue the source's own */
  readonly topLogprobs?: number;
  /** llama.cpp's slot. */
  readonly slot?: number;
  /** Spells the tokens of servers that do not. */
  readonly tokenizer?: SpellingTokenizer;
}

/** Why a program cannot serve, whatever it is asked. */
const REFUSALS: Partial<Record<ServerProgram, string>> = {
  ollama:
    "this is Ollama, which neither names tokens by id nor takes ids as a prompt, so no mark can be written exactly; run llama.cpp's llama-server on the same GGUF file instead",
};

function apiOf(program: ServerProgram, address: string): ApiName {
  const refusal = REFUSALS[program];
  if (refusal !== undefined) throw new TokenmarkError("unsupported-server", `server ${address}: ${refusal}`);
  if (program === "llama.cpp") return "llama";
  return program === "sglang" ? "sglang" : "openai";
}

/**
 * Makes the source for whatever server is at an address.
 *
 * @throws TokenmarkError `unsupported-server` in a plain sentence for servers that cannot serve, and what {@link identifyServer} throws.
 */
export async function connect(options: ConnectOptions, call: SourceCall = {}): Promise<ServerSource> {
  const { api, model, topLogprobs, slot, tokenizer, ...http } = options;
  const program = await identifyServer(http, call).catch((error: unknown): ServerProgram => {
    // Whoever names the protocol knows the server; a proxy may let through nothing but the route that is needed.
    if (api !== undefined && error instanceof TokenmarkError && error.code === "unsupported-server") return "other";
    throw error;
  });
  const chosen = api ?? apiOf(program, http.baseURL);
  if (program === "ollama") apiOf(program, http.baseURL);
  if (model !== undefined && chosen !== "openai") {
    throw new TokenmarkError(
      "bad-argument",
      `model: wanted none for ${chosen}, which serves one model whatever it is called, got one; a llama.cpp with several is asked with api "openai"`,
    );
  }
  const common = {
    ...http,
    ...(topLogprobs === undefined ? {} : { topLogprobs }),
    ...(tokenizer === undefined ? {} : { tokenizer }),
  };
  switch (chosen) {
    case "llama":
      return llamaServer({ ...common, ...(slot === undefined ? {} : { slot }) });
    case "openai":
      return openaiCompletions({
        ...common,
        bytes: program === "llama.cpp",
        // An unknown server's greedy scores may be anything; one question a token is always right.
        drafts: program === "llama.cpp" || program === "vllm",
        ...(model === undefined ? {} : { model }),
      });
    case "sglang":
      return sglang(common);
    default:
      throw new TokenmarkError("bad-argument", `api: wanted one of ${apiNames.join(", ")}, got another`);
  }
}
