/** What a route answers. */
export interface ServerAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent with its content-length; an iterable is sent in chunks as they come. */
  readonly body: string | AsyncIterable<string>;
}

/** A JSON answer, from a value or from JSON text made elsewhere. */
export function jsonAnswer(
  body: unknown,
  options: { readonly status?: number; readonly raw?: boolean; readonly headers?: Record<string, string> } = {},
): ServerAnswer {
  const { status = 200, raw = false, headers = {} } = options;
  const text = raw ? (body as string) : JSON.stringify(body);
  return { status, contentType: "application/json; charset=utf-8", headers, body: text };
}

/** An answer that is not JSON. */
export function textAnswer(
  body: string,
  contentType: string = "text/plain; charset=utf-8",
  status = 200,
): ServerAnswer {
  return { status, contentType, body };
}

/** Server-sent events; the iterable yields whole `data: …\n\n` blocks. */
export function eventStream(body: AsyncIterable<string>): ServerAnswer {
  return { status: 200, contentType: "text/event-stream", body };
}

/** Thrown by a route to answer with an error; the server sends `answer` as it is. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
  readonly answer: ServerAnswer;

  constructor(answer: ServerAnswer) {
    super(typeof answer.body === "string" ? answer.body : `status ${answer.status}`);
    this.answer = answer;
  }
}
