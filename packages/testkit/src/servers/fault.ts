import type { LoggedRequest } from "./fake-server.ts";
import { isJsonObject, type JsonObject } from "./json-value.ts";
import { jsonAnswer, type ServerAnswer, textAnswer } from "./server-answer.ts";
import type { CutKind } from "./socket-meter.ts";

/**
 * What goes wrong with one answer. The parts are independent, so that faults combine by spreading:
 * `{ ...delay(50), ...cutAfter(120) }` waits, then cuts.
 */
export interface Fault {
  /** Waits before anything else, in ms. */
  readonly delayMs?: number;
  /** Ends the socket before a byte of the answer, or leaves it open and silent for ever. */
  readonly silence?: CutKind | "hang";
  /** Sent in place of the real answer; the route does not run. */
  readonly answer?: ServerAnswer;
  /** Changes the body of the real answer; content-length follows it. Streams are collected first. */
  readonly rewrite?: (body: string) => string;
  /** Ends the socket after exactly so many bytes of the answer, its headers included. */
  readonly cut?: { readonly bytes: number; readonly kind: CutKind };
}

/** Decides which request meets which fault; `index` counts all requests from 0, GET and POST alike. */
export type FaultPlan = (request: LoggedRequest, index: number) => Fault | undefined;

/** A plan from request numbers: `faultsAt({ 0: serverError(), 2: cutAfter(10) })`. */
export function faultsAt(faults: Readonly<Record<number, Fault>>): FaultPlan {
  return (_, index) => faults[index];
}

/** Ends the socket after exactly `bytes` bytes of the answer, headers included; nothing happens if the answer is shorter. */
export const cutAfter = (bytes: number, kind: CutKind = "close"): Fault => ({ cut: { bytes, kind } });
/** The socket ends before a byte of the answer. */
export const closeBeforeAnswer = (): Fault => ({ silence: "close" });
/** The socket is reset before a byte of the answer. */
export const resetBeforeAnswer = (): Fault => ({ silence: "reset" });
/** The request is taken and never answered. */
export const hang = (): Fault => ({ silence: "hang" });
/** The right answer, `ms` later. */
export const delay = (ms: number): Fault => ({ delayMs: ms });

/** 429 in OpenAI's envelope, with Retry-After in seconds. */
export const tooManyRequests = (retryAfterSeconds = 1): Fault => ({
  answer: jsonAnswer(
    {
      error: { message: "Rate limit reached for requests", type: "requests", param: null, code: "rate_limit_exceeded" },
    },
    { status: 429, headers: { "retry-after": String(retryAfterSeconds) } },
  ),
});
/** 500 in llama.cpp's envelope. */
export const serverError = (message = "decode: failed"): Fault => ({
  answer: jsonAnswer({ error: { code: 500, message, type: "server_error" } }, { status: 500 }),
});
/** 503 as llama-server says it while the model loads (llama.cpp, tools/server/server-http.cpp). */
export const loadingModel = (): Fault => ({
  answer: jsonAnswer({ error: { message: "Loading model", type: "unavailable_error", code: 503 } }, { status: 503 }),
});
/** 502 with the HTML page that a proxy of nginx's kind puts in front of a dead upstream. */
export const badGateway = (): Fault => ({ answer: textAnswer(badGatewayPage, "text/html", 502) });
/** 200 with an HTML page: a captive portal, a web UI, a wrong port. */
export const htmlPage = (): Fault => ({ answer: textAnswer(welcomePage, "text/html; charset=utf-8") });
/** 200 with no body at all. */
export const emptyBody = (): Fault => ({ rewrite: () => "" });
/** 200 with a body that is no JSON. */
export const malformedJson = (): Fault => ({ rewrite: (body) => body.replace(/[{[]/, "$&,") });
/** 200 with the first half of the body and a content-length that agrees with it: only the JSON tells. */
export const truncatedJson = (): Fault => ({ rewrite: (body) => body.slice(0, body.length >> 1) });

/** What stands where a score should: its text, `null`, or `null` for the best entry only (how NaN is written in JSON). */
export type WrongScore = "string" | "null" | "nan-as-null";

/** Scores of a wrong type, in every shape that the fake servers answer in; JSON and event streams alike. */
export function wrongScores(wrong: WrongScore): Fault {
  let spoiled = 0;
  const spoil = (score: number): unknown => {
    if (wrong === "string") return String(score);
    if (wrong === "null") return null;
    return spoiled++ === 0 ? null : score;
  };
  return { rewrite: (body) => rewriteJson(body, (value) => mapScores(value, false, spoil)) };
}

/** Leaves out these keys, at any depth. */
export function missingFields(...names: readonly string[]): Fault {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !names.includes(key))
        .map(([key, item]) => [key, strip(item)]),
    );
  };
  return { rewrite: (body) => rewriteJson(body, strip) };
}

/** Any other change of the answered JSON. */
export function rewriteAnswer(change: (value: JsonObject) => unknown): Fault {
  return { rewrite: (body) => rewriteJson(body, (value) => change(value as JsonObject)) };
}

/** Applies `change` to a JSON body, or to each JSON event of a stream. */
function rewriteJson(body: string, change: (value: unknown) => unknown): string {
  if (!body.startsWith("data: ")) return JSON.stringify(change(JSON.parse(body)));
  return body.replace(/^data: (\{.*)$/gm, (_, event: string) => `data: ${JSON.stringify(change(JSON.parse(event)))}`);
}

/** Scores are the numbers under a key like `logprob`, `token_logprobs`, `top_probs`; ids and bytes beside them are not. */
function mapScores(value: unknown, inScores: boolean, spoil: (score: number) => unknown): unknown {
  if (typeof value === "number") return inScores ? spoil(value) : value;
  if (Array.isArray(value)) {
    // SGLang's triples: [logprob, id, text].
    if (inScores && value.length === 3 && Number.isInteger(value[1]) && typeof value[2] !== "number")
      return [mapScores(value[0], true, spoil), value[1], value[2]];
    return value.map((item) => mapScores(item, inScores, spoil));
  }
  if (!isJsonObject(value)) return value;
  const notScores = /^(id|bytes|tokens|text_offset|n_probs|post_sampling_probs)$/;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      notScores.test(key) ? item : mapScores(item, inScores || /prob(s|abilities)?$/.test(key), spoil),
    ]),
  );
}

export const welcomePage: string =
  "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n";
export const badGatewayPage: string =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
