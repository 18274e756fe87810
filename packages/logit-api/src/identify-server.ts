import { type SourceCall, TokenmarkError } from "@tokenmark/core";
import type { Json } from "./answer.ts";
import { createHttpClient, type HttpClient, type HttpOptions } from "./http-client.ts";

/** What a server turned out to be. */
export type ServerProgram = "llama.cpp" | "vllm" | "sglang" | "ollama" | "other";

/** `owned_by` of the first model in `/v1/models`, which tells the program more reliably than its headers. */
const OWNERS: Readonly<Record<string, ServerProgram>> = {
  llamacpp: "llama.cpp",
  vllm: "vllm",
  sglang: "sglang",
};

/**
 * Routes that one program alone has, with a field of their answers. Ollama comes last, since llama.cpp and SGLang speak its language
 * too, and not by /api/version, which many a web service has.
 */
const MARKS: readonly (readonly [path: string, field: string, program: ServerProgram])[] = [
  ["/props", "default_generation_settings", "llama.cpp"],
  ["/get_model_info", "model_path", "sglang"],
  ["/api/tags", "models", "ollama"],
];

/** Codes that mean "there is a server, but not with this route". */
const ELSEWHERE = new Set(["unsupported-server", "bad-answer", "server-error"]);

async function lookAt(client: HttpClient, path: string, call: SourceCall): Promise<Json | TokenmarkError> {
  try {
    const answer = await client.get(path, call);
    return typeof answer === "object" && answer !== null ? (answer as Json) : {};
  } catch (error) {
    if (error instanceof TokenmarkError && ELSEWHERE.has(error.code)) return error;
    throw error;
  }
}

/**
 * Finds out which inference server is at an address, by what only it answers.
 *
 * @throws TokenmarkError `network`, `timeout`, `unauthorized` where nobody answers or not to us; `bad-answer`, `unsupported-server`
 * where something answers that is no inference server.
 */
export async function identifyServer(options: HttpOptions, call: SourceCall = {}): Promise<ServerProgram> {
  const client = createHttpClient({ ...options, retries: options.retries ?? 1 });
  const models = await lookAt(client, "/v1/models", call);
  if (!(models instanceof TokenmarkError)) {
    const [first] = Array.isArray(models.data) ? (models.data as readonly Json[]) : [];
    const program = OWNERS[String(first?.owned_by)];
    if (program !== undefined) return program;
  }
  for (const [path, field, program] of MARKS) {
    const answer = await lookAt(client, path, call);
    if (!(answer instanceof TokenmarkError) && field in answer) return program;
  }
  if (models instanceof TokenmarkError) throw models;
  if (Array.isArray(models.data)) return "other";
  throw new TokenmarkError(
    "unsupported-server",
    `server ${client.address}: answers in JSON, but lists no models; is this the address of an inference server?`,
  );
}
