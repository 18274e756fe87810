import { AnswerError, jsonAnswer } from "./server-answer.ts";

const codes = {
  invalid_request_error: 400,
  exceed_context_size_error: 400,
  authentication_error: 401,
  not_found_error: 404,
  server_error: 500,
} as const;

/** An error in llama-server's envelope, `{error: {code, message, type}}` (llama.cpp, tools/server/server-common.cpp). */
export function llamaError(type: keyof typeof codes, message: string, more: object = {}): AnswerError {
  const code = codes[type];
  return new AnswerError(jsonAnswer({ error: { code, message, type, ...more } }, { status: code }));
}

/** The two errors of the HTTP layer name their keys in another order: authentication and unknown routes (server-http.cpp). */
export function llamaHttpError(type: "authentication_error" | "not_found_error", message: string): AnswerError {
  const code = codes[type];
  return new AnswerError(jsonAnswer({ error: { message, type, code } }, { status: code }));
}

/** nlohmann's words for a wrong type, as the server passes them on. */
export function llamaTypeError(field: string, wanted: string, got: unknown): AnswerError {
  const name = got === null ? "null" : Array.isArray(got) ? "array" : typeof got;
  return llamaError(
    "invalid_request_error",
    `Field '${field}': [json.exception.type_error.302] type must be ${wanted}, but is ${name}`,
  );
}
