import { TokenmarkError, type TokenmarkErrorCode } from "@tokenmark/core";

/** Why an attempt failed, and whether another may succeed. */
export interface Failure {
  readonly error: TokenmarkError;
  readonly again: boolean;
  /** How long the server asks to wait, in milliseconds. */
  readonly afterMs?: number;
}

/** An answer that is not what was asked for. */
export interface OddAnswer {
  readonly address: string;
  readonly path: string;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly apiKey: string | undefined;
}

/** What servers put around a reason: `{error: {message, type, code}}`, `{error: "…"}`, `{message: "…"}`, `{detail: …}`. */
interface Reason {
  readonly message: string;
  readonly type: string;
  readonly tokens?: number;
  readonly room?: number;
}

const LONGEST_QUOTE = 160;

function readReason(text: string): Reason | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== "object" || parsed === null) return null;
  const outer = parsed as Record<string, unknown>;
  const inner =
    typeof outer.error === "object" && outer.error !== null ? (outer.error as Record<string, unknown>) : outer;
  const said = [inner.message, outer.error, outer.detail].find((value) => typeof value === "string");
  return {
    message: (said as string | undefined) ?? "",
    type: typeof inner.type === "string" ? inner.type : "",
    ...(typeof inner.n_prompt_tokens === "number" ? { tokens: inner.n_prompt_tokens } : {}),
    ...(typeof inner.n_ctx === "number" ? { room: inner.n_ctx } : {}),
  };
}

/** A server's own words for a message: one line, not long, nothing that drives a terminal, and without the API key that some servers echo. */
function quote(message: string, apiKey: string | undefined): string {
  const line = message.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  const safe = apiKey ? line.replaceAll(apiKey, "[API key]") : line;
  return safe.length > LONGEST_QUOTE ? `${safe.slice(0, LONGEST_QUOTE - 1)}…` : safe;
}

function retryAfter(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  if (value === null || value.trim() === "") return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** What an answer that cannot be used means. */
export function answerError(answer: OddAnswer): Failure {
  const { address, path, status, text, headers, apiKey } = answer;
  const reason = readReason(text);
  const said = reason === null || reason.message === "" ? "" : `: ${quote(reason.message, apiKey)}`;
  const fail = (code: TokenmarkErrorCode, what: string, again = false): Failure => {
    const afterMs = again ? retryAfter(headers) : undefined;
    const wish = afterMs === undefined || afterMs < 1000 ? "" : `; it asks to wait ${Math.ceil(afterMs / 1000)} s`;
    return {
      error: new TokenmarkError(code, `server ${address}${path}: ${what}${wish}`),
      again,
      ...(afterMs === undefined ? {} : { afterMs }),
    };
  };
  if (status === 401 || status === 403) {
    return fail("unauthorized", `wants ${apiKey === undefined ? "an" : "another"} API key (status ${status})`);
  }
  if (
    reason !== null &&
    (reason.type === "exceed_context_size_error" ||
      /context (length|size|window)|maximum .*length|too long/i.test(reason.message))
  ) {
    const { tokens, room } = reason;
    const sizes = tokens === undefined || room === undefined ? said : `, ${tokens} tokens against its ${room}`;
    return fail("too-long", `the text is longer than the server's context${sizes}`);
  }
  if (status === 429) return fail("rate-limited", `asks to slow down (status 429)${said}`, true);
  if (status >= 500) {
    const kind = reason === null ? `, and not in JSON (${describeBody(text)})` : said;
    return fail("server-error", `failed with status ${status}${kind}`, status !== 501);
  }
  if (status === 404 || status === 405)
    return fail("unsupported-server", `is not offered there (status ${status})${said}`);
  if (status >= 400) return fail("server-error", `refused the question with status ${status}${said}`);
  if (reason !== null) return fail("server-error", `answered with an error${said}`);
  // A proxy's or another program's page stays what it is; a JSON text that breaks off is a lost connection.
  const broken = /^\s*([[{]|$)/.test(text);
  return fail(
    "bad-answer",
    `wanted JSON, got ${describeBody(text)}; is this the address of an inference server?`,
    broken,
  );
}

function describeBody(text: string): string {
  const start = text.trimStart().slice(0, 1);
  if (start === "") return "nothing";
  if (start === "<") return "an HTML page";
  return start === "{" || start === "[" ? "JSON that breaks off" : "text that is none";
}

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there; start the server or check the port",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the host's name cannot be looked up",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_CONNECT_TIMEOUT: "the server did not answer",
  BAD_PORT: "that port is reserved for something else; check the address",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not trusted here",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is not trusted here",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_SSL_WRONG_VERSION_NUMBER: "what listens there does not speak https; try http",
};

/** What asking again cannot change. */
const FINAL = /^(ENOTFOUND|BAD_PORT|HPE_.*|ERR_SSL_.*|ERR_TLS_.*|UNABLE_TO_.*|.*CERT.*)$/;
/** The platform's own patience, which cannot be set from here. */
const PLATFORM_TIMEOUT = /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/;

/** What a question without an answer means. */
export function connectionError(lost: {
  readonly address: string;
  readonly path: string;
  readonly timeoutMs: number;
  readonly timedOut: boolean;
  readonly cause: unknown;
}): Failure {
  const { address, path, timeoutMs, timedOut, cause } = lost;
  if (timedOut) {
    const error = new TokenmarkError("timeout", `server ${address}${path}: no answer within ${timeoutMs} ms`, {
      cause,
    });
    return { error, again: false };
  }
  let code = "";
  for (let at = cause; typeof at === "object" && at !== null; at = (at as { cause?: unknown }).cause) {
    const own = (at as { code?: unknown }).code;
    if (typeof own === "string") code = own;
    const [first] = (at as { errors?: readonly { code?: string }[] }).errors ?? [];
    if (first?.code !== undefined) code = first.code;
  }
  // The fetch standard's list of ports that no client connects to.
  if (code === "" && /bad port/.test(String((cause as { cause?: { message?: string } }).cause?.message)))
    code = "BAD_PORT";
  if (PLATFORM_TIMEOUT.test(code)) {
    const what = "no answer within the 300 s that the platform's fetch waits; another can be given";
    return { error: new TokenmarkError("timeout", `server ${address}${path}: ${what}`, { cause }), again: false };
  }
  const foreign = code.startsWith("HPE_") ? "what listens there does not speak HTTP; check the port" : undefined;
  const why = CAUSES[code] ?? foreign ?? `the connection failed${code === "" ? "" : ` (${code})`}`;
  return {
    error: new TokenmarkError("network", `server ${address}${path}: ${why}`, { cause }),
    again: !FINAL.test(code),
  };
}
