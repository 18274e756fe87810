export { type ApiName, apiNames, type ConnectOptions, connect } from "./connect.ts";
export { createHttpClient, type HttpClient, type HttpOptions } from "./http-client.ts";
export { identifyServer, type ServerProgram } from "./identify-server.ts";
export type {
  LlamaGenerateNext,
  LlamaInput,
  LlamaOutput,
  LlamaSequence,
  LlamaSequenceModel,
} from "./llama-sequence.ts";
export { type LlamaServerOptions, llamaServer } from "./llama-server.ts";
export { type NodeLlamaCppOptions, type NodeLlamaCppSource, nodeLlamaCpp } from "./node-llama-cpp.ts";
export { type OpenaiCompletionsOptions, openaiCompletions } from "./openai-completions.ts";
export { type ProbeOptions, type ProbeReport, probe } from "./probe.ts";
export type { ScoredPosition } from "./scored-position.ts";
export type { Answer, Question, ServerFacts, ServerKind, ServerSource } from "./server-source.ts";
export { checkServerTokenizer, serverTokenizerIdentity } from "./server-tokenizer.ts";
export { type SglangOptions, sglang } from "./sglang.ts";
export type { SpellingTokenizer } from "./spelling-tokenizer.ts";
export { type StaticGreenList, type StaticGreenListOptions, staticGreenList } from "./static-green-list.ts";
