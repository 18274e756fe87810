import type { TokenId } from "@tokenmark/core";
import { isJsonObject } from "./json-value.ts";
import { llamaError } from "./llama-error.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";

/**
 * Prompts of a request as ids (llama.cpp, tools/server/server-common.cpp, `tokenize_input_prompts`): a text; ids; texts and ids mixed;
 * or an array of any of these, one task each. BOS goes before a prompt that starts with text; ids are taken as they are.
 *
 * @throws AnswerError 400 for ids outside the vocabulary and for anything else.
 */
export function readLlamaPrompts(prompt: unknown, vocabulary: ServerVocabulary): TokenId[][] {
  const isBatch =
    Array.isArray(prompt) &&
    prompt.length > 0 &&
    (prompt.every((item) => typeof item === "string") || prompt.some((item) => Array.isArray(item)));
  const prompts = (isBatch ? (prompt as unknown[]) : [prompt]).map((one) => readOne(one, vocabulary));
  for (const tokens of prompts)
    if (tokens.some((token) => token < 0 || token >= vocabulary.size))
      throw llamaError("invalid_request_error", "Prompt contains invalid tokens");
  return prompts;
}

function readOne(prompt: unknown, vocabulary: ServerVocabulary): TokenId[] {
  if (typeof prompt === "string") return vocabulary.encode(prompt, { addSpecial: true });
  if (!Array.isArray(prompt) || !prompt.every((item) => typeof item === "string" || Number.isInteger(item)))
    throw llamaError(
      "invalid_request_error",
      '"prompt" must be a string, a list of tokens, a list of mixed strings & tokens, or a list of prompts',
    );
  if (prompt.length === 0) throw llamaError("invalid_request_error", '"prompt" must not be an empty array');
  return prompt.flatMap((item: string | number, at) =>
    typeof item === "string" ? vocabulary.encode(item, { addSpecial: at === 0 }) : [item],
  );
}

/**
 * ChatML, the template of the recorded server; it ends with the opened assistant turn.
 *
 * @throws AnswerError 400 if `messages` is no array of `{role, content}`.
 */
export function applyChatTemplate(messages: unknown): string {
  if (messages === undefined) throw llamaError("invalid_request_error", "'messages' is required");
  if (!Array.isArray(messages)) throw llamaError("invalid_request_error", "'messages' must be an array");
  let text = "";
  for (const message of messages) {
    if (!isJsonObject(message) || typeof message.role !== "string" || typeof message.content !== "string")
      throw llamaError("invalid_request_error", "Missing 'role' or 'content' in message");
    text += `<|im_start|>${message.role}\n${message.content}<|im_end|>\n`;
  }
  return `${text}<|im_start|>assistant\n`;
}

/** The template as /props reports it. */
export const chatTemplate: string =
  "{%- for message in messages -%}\n  {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' -}}\n{%- endfor -%}\n{%- if add_generation_prompt -%}\n  {{- '<|im_start|>assistant\n' -}}\n{%- endif -%}";
