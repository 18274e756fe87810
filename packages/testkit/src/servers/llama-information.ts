import { chatTemplate } from "./llama-prompt.ts";
import type { LlamaSlots } from "./llama-slots.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";

/** What the information routes tell. */
export interface LlamaFacts {
  readonly modelName: string;
  readonly buildInfo: string;
  readonly contextLength: number;
  readonly created: number;
  readonly vocabulary: ServerVocabulary;
  readonly slots: LlamaSlots;
  /** Settings of an empty request. */
  readonly defaultReport: object;
}

/** Counters of /metrics. */
export interface LlamaCounters {
  promptTokens: number;
  cachedTokens: number;
  promptMs: number;
  predictedTokens: number;
  predictedMs: number;
  longest: number;
}

// Fields that requests report and /props and /slots do not.
const metricsOmit = new Set([
  "dry_sequence_breakers",
  "stop",
  "logit_bias",
  "grammar",
  "grammar_lazy",
  "grammar_triggers",
  "preserved_tokens",
]);

function shortReport(report: object): object {
  return Object.fromEntries(Object.entries(report).filter(([key]) => !metricsOmit.has(key)));
}

/** GET /props. */
export function llamaProps(facts: LlamaFacts): object {
  const { vocabulary } = facts;
  const named = (token: number | null | undefined): string =>
    token === null || token === undefined ? "" : (vocabulary.specialText(token) ?? "");
  return {
    default_generation_settings: { params: shortReport(facts.defaultReport), n_ctx: facts.contextLength },
    total_slots: facts.slots.all.length,
    model_alias: facts.modelName,
    model_ftype: "(guessed) F16",
    model_path: facts.modelName,
    modalities: { vision: false, video: false, audio: false },
    media_marker: "<__media_0__>",
    endpoint_slots: true,
    endpoint_props: false,
    endpoint_metrics: true,
    ui: false,
    ui_settings: {},
    chat_template: chatTemplate,
    chat_template_caps: {
      supports_object_arguments: false,
      supports_parallel_tool_calls: false,
      supports_preserve_reasoning: false,
      supports_reasoning_effort: false,
      supports_string_content: true,
      supports_system_role: true,
      supports_tool_calls: false,
      supports_tools: false,
      supports_typed_content: false,
    },
    bos_token: named(vocabulary.bos),
    eos_token: named(vocabulary.endTokens[0]),
    build_info: facts.buildInfo,
    is_sleeping: false,
    cors_proxy_enabled: false,
  };
}

/** GET /slots. */
export function llamaSlotList(facts: LlamaFacts): object[] {
  return facts.slots.all.map((slot) => ({
    id: slot.id,
    n_ctx: facts.contextLength,
    speculative: false,
    is_processing: slot.busy,
    id_task: slot.taskId,
    n_prompt_tokens: slot.promptTokens,
    n_prompt_tokens_processed: 0,
    n_prompt_tokens_cache: 0,
    params: shortReport(slot.report),
    next_token: [{ has_next_token: slot.busy, has_new_line: false, n_remain: -1, n_decoded: 0 }],
  }));
}

/** GET /v1/models: the list in Ollama's shape, then in OpenAI's with llama.cpp's `meta`. */
export function llamaModels(facts: LlamaFacts): object {
  const { modelName } = facts;
  return {
    models: [
      {
        name: modelName,
        model: modelName,
        modified_at: "",
        size: "",
        digest: "",
        type: "model",
        description: "",
        tags: [""],
        capabilities: ["completion"],
        parameters: "",
        details: {
          parent_model: "",
          format: "gguf",
          family: "",
          families: [""],
          parameter_size: "",
          quantization_level: "",
        },
      },
    ],
    object: "list",
    data: [
      {
        id: modelName,
        aliases: [modelName],
        tags: [],
        object: "model",
        created: facts.created,
        owned_by: "llamacpp",
        meta: {
          vocab_type: 1,
          n_vocab: facts.vocabulary.size,
          n_ctx: facts.contextLength,
          n_ctx_train: 2 * facts.contextLength,
          n_embd: 64,
          n_params: 4_178_240,
          size: 8_357_120,
          ftype: "(guessed) F16",
        },
      },
    ],
  };
}

/** GET /metrics, in Prometheus' text format. */
export function llamaMetrics(counters: LlamaCounters, busySlots: number): string {
  const rate = (count: number, ms: number): number => (ms > 0 ? (1000 * count) / ms : 0);
  const { promptTokens, cachedTokens, promptMs, predictedTokens, predictedMs, longest } = counters;
  const rows: [string, string, "counter" | "gauge", number][] = [
    ["prompt_tokens_total", "Number of prompt tokens processed, excluding cached tokens", "counter", promptTokens],
    ["prompt_tokens_cached_total", "Number of prompt tokens reused from the cache", "counter", cachedTokens],
    ["prompt_seconds_total", "Total time spent processing prompts", "counter", promptMs / 1000],
    ["tokens_predicted_total", "Number of generation tokens processed", "counter", predictedTokens],
    ["tokens_predicted_seconds_total", "Total time spent generating tokens", "counter", predictedMs / 1000],
    [
      "n_decode_total",
      "Total number of llama_decode() calls, excluding speculative decoding and multimodal decoding",
      "counter",
      predictedTokens,
    ],
    ["n_tokens_max", "Largest observed sequence length (prompt + generation)", "counter", longest],
    ["spec_decode_num_draft_tokens_total", "Speculative: Total draft tokens generated", "counter", 0],
    [
      "spec_decode_num_accepted_tokens_total",
      "Speculative: Total draft tokens accepted by the target model",
      "counter",
      0,
    ],
    ["spec_decode_num_drafts_total", "Speculative: Total speculative decoding verification steps", "counter", 0],
    ["prompt_tokens_seconds", "Average prompt throughput in tokens/s", "gauge", rate(promptTokens, promptMs)],
    [
      "predicted_tokens_seconds",
      "Average generation throughput in tokens/s",
      "gauge",
      rate(predictedTokens, predictedMs),
    ],
    ["requests_processing", "Number of requests processing", "gauge", busySlots],
    ["requests_deferred", "Number of requests deferred", "gauge", 0],
    ["n_busy_slots_per_decode", "Average number of busy slots per llama_decode() call", "gauge", 1],
  ];
  return rows
    .map(
      ([name, help, type, value]) =>
        `# HELP llamacpp:${name} ${help}\n# TYPE llamacpp:${name} ${type}\nllamacpp:${name} ${value}\n`,
    )
    .join("");
}
