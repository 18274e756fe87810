export { randomTokens, testKey } from "./contract-subject.ts";
export { type TinyGgufOptions, writeTinyGguf } from "./gguf/tiny-gguf.ts";
export { type LawFacts, lawFacts } from "./law-facts.ts";
export { describeSchemeContract, type SchemeContractOptions } from "./scheme-contract.ts";
export { type FakeLlamaServerOptions, startFakeLlamaServer } from "./servers/fake-llama-server.ts";
export { type FakeOllamaServerOptions, startFakeOllamaServer } from "./servers/fake-ollama-server.ts";
export { type FakeOpenaiChatServerOptions, startFakeOpenaiChatServer } from "./servers/fake-openai-chat-server.ts";
export {
  type FakeServer,
  type FakeServerOptions,
  type LoggedRequest,
  startFakeServer,
} from "./servers/fake-server.ts";
export { type FakeSglangServerOptions, startFakeSglangServer } from "./servers/fake-sglang-server.ts";
export { type FakeVllmServerOptions, startFakeVllmServer } from "./servers/fake-vllm-server.ts";
export {
  badGateway,
  closeBeforeAnswer,
  cutAfter,
  delay,
  emptyBody,
  type Fault,
  type FaultPlan,
  faultsAt,
  hang,
  htmlPage,
  loadingModel,
  malformedJson,
  missingFields,
  resetBeforeAnswer,
  rewriteAnswer,
  serverError,
  tooManyRequests,
  truncatedJson,
  type WrongScore,
  wrongScores,
} from "./servers/fault.ts";
export { type HtmlServerOptions, startHtmlServer } from "./servers/html-server.ts";
export type { JsonObject } from "./servers/json-value.ts";
export { jsonAnswer, type ServerAnswer, textAnswer } from "./servers/server-answer.ts";
export {
  createServerVocabulary,
  type ServerVocabulary,
  type ServerVocabularyOptions,
} from "./servers/server-vocabulary.ts";
export { createToyVocabulary, type ToyVocabularyOptions } from "./servers/toy-vocabulary.ts";
export type { VllmLogprobsMode } from "./servers/vllm-logprobs.ts";
export type { VllmSamplingDefaults } from "./servers/vllm-request.ts";
export { createToySource, type ToySource, type ToySourceOptions } from "./toy-source.ts";
export { type ToyTextOptions, writeToyText } from "./toy-text.ts";
export { readVectors } from "./vectors.ts";
