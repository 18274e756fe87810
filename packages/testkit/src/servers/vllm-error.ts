import { AnswerError, jsonAnswer } from "./server-answer.ts";

/** vLLM's error envelope, `{error: {message, type, param, code}}` (vllm/entrypoints/serve/engine/protocol.py, ErrorInfo). */
export function vllmError(message: string, options: { status?: 400 | 404; param?: string | null } = {}): AnswerError {
  const { status = 400, param = null } = options;
  const type = status === 404 ? "NotFoundError" : "BadRequestError";
  return new AnswerError(jsonAnswer({ error: { message, type, param, code: status } }, { status }));
}

/** A refused parameter: vLLM names it in the message too (vllm/exceptions.py, VLLMValidationError). */
export function vllmParameterError(message: string, parameter: string, value: unknown): AnswerError {
  return vllmError(`${message} (parameter=${parameter}, value=${String(value)})`, { param: parameter });
}
