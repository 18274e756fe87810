import { type SourceCall, TokenmarkError } from "@tokenmark/core";
import { answerError, connectionError, type Failure } from "./server-errors.ts";

/** Where a server is and how patient to be with it. */
export interface HttpOptions {
  /** `http://127.0.0.1:8080`, a path prefix included; an ending `/v1` is left out. */
  readonly baseURL: string;
  /** Sent as a bearer token; never in a message. */
  readonly apiKey?: string;
  /** How often a question is asked again after a lost connection, a 429 or a 5xx. @defaultValue 5 */
  readonly retries?: number;
  /**
   * Wait before the first repetition in milliseconds; it doubles each time, up to 10 s. A longer `Retry-After` is heeded up to a minute;
   * a server that wants more is not asked again. @defaultValue 100
   */
  readonly retryDelayMs?: number;
  /** How long one attempt may take in milliseconds. The platform's own fetch gives up after 300,000. @defaultValue 120,000 */
  readonly timeoutMs?: number;
  /** Another HTTP client. @defaultValue the platform's fetch */
  readonly fetch?: typeof globalThis.fetch;
}

/** Asks a server in JSON. */
export interface HttpClient {
  /** For messages: the address without credentials. */
  readonly address: string;
  get(path: string, call?: SourceCall): Promise<unknown>;
  post(path: string, body: object, call?: SourceCall): Promise<unknown>;
}

const MAX_DELAY_MS = 10_000;
const LONGEST_WAIT_MS = 60_000;
/** Timers count to 2^31 − 1; what is above would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function parseAddress(baseURL: unknown): string {
  let url: URL;
  try {
    url = new URL(baseURL as string);
  } catch {
    throw new TokenmarkError(
      "bad-argument",
      'baseURL: wanted an address such as "http://127.0.0.1:8080", got none that parses',
    );
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TokenmarkError("bad-argument", `baseURL: wanted http or https, got ${url.protocol.replace(":", "")}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new TokenmarkError("bad-argument", "baseURL: wanted an address without a password in it; use apiKey");
  }
  if (url.search !== "") {
    throw new TokenmarkError("bad-argument", "baseURL: wanted an address without ?, got one with a query");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "")}`;
}

/** Header values are Latin-1 without control characters; the platform's own complaint would show the key. */
function checkApiKey(apiKey: string | undefined): void {
  if (apiKey === undefined || /^[\x21-\x7e]+$/.test(apiKey)) return;
  throw new TokenmarkError(
    "bad-argument",
    "apiKey: wanted printable ASCII without spaces, got something else (a line break?)",
  );
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    function onAbort(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * Makes a client that survives a flaky connection. Asking again is safe: every question of this package carries its whole prompt and
 * the choice of the token is ours, so an answer that came through twice, or half, changes nothing.
 *
 * @throws TokenmarkError `bad-argument`; from the questions: `network`, `timeout`, `unauthorized`, `rate-limited`, `too-long`,
 * `bad-answer`, `server-error`, `unsupported-server`, `aborted`.
 */
export function createHttpClient(options: HttpOptions): HttpClient {
  const { baseURL, apiKey, retries = 5, retryDelayMs = 100, timeoutMs = 120_000 } = options;
  const address = parseAddress(baseURL);
  for (const [name, value] of Object.entries({ retries, retryDelayMs, timeoutMs })) {
    if (!(value >= 0 && value <= LONGEST_TIMER_MS)) {
      const range = value > 0 ? `at most ${LONGEST_TIMER_MS}` : "at least 0";
      throw new TokenmarkError("bad-argument", `${name}: wanted a number of ${range}, got ${value}`);
    }
  }
  checkApiKey(apiKey);
  const request = options.fetch ?? globalThis.fetch;
  const headers: Record<string, string> = { accept: "application/json" };
  if (apiKey !== undefined) headers.authorization = `Bearer ${apiKey}`;
  const posting = { ...headers, "content-type": "application/json" };

  /** One attempt: the parsed answer, or why there is none. */
  async function attempt(path: string, init: RequestInit, signal: AbortSignal | undefined): Promise<unknown> {
    const ending = new AbortController();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      ending.abort();
    }, timeoutMs);
    // Not AbortSignal.any: under Node 20 each use leaves 2 kB behind for as long as the caller's signal lives.
    const onAbort = (): void => ending.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    try {
      const response = await request(address + path, { ...init, signal: ending.signal });
      const text = await response.text();
      if (response.ok) {
        try {
          const answer: unknown = JSON.parse(text);
          if (typeof answer !== "object" || answer === null || !("error" in answer) || answer.error == null)
            return answer;
        } catch {
          // Falls through to the description of what came instead.
        }
      }
      throw answerError({ address, path, status: response.status, text, headers: response.headers, apiKey });
    } catch (error) {
      if (isFailure(error)) throw error;
      if (signal?.aborted) throw abortedError(path, signal);
      throw connectionError({ address, path, timeoutMs, timedOut, cause: error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async function ask(path: string, init: RequestInit, { signal }: SourceCall = {}): Promise<unknown> {
    for (let tried = 0; ; tried++) {
      if (signal?.aborted) throw abortedError(path, signal);
      try {
        return await attempt(path, init, signal);
      } catch (error) {
        if (!isFailure(error)) throw error;
        const { again, afterMs = 0 } = error;
        if (!again || tried >= retries || afterMs > LONGEST_WAIT_MS) throw error.error;
        const delay = Math.max(afterMs, Math.min(retryDelayMs * 2 ** tried, MAX_DELAY_MS));
        await wait(delay, signal).catch(() => {
          throw abortedError(path, signal!);
        });
      }
    }
  }

  return Object.freeze({
    address,
    get: (path: string, call?: SourceCall) => ask(path, { headers }, call),
    post: (path: string, body: object, call?: SourceCall) =>
      ask(path, { method: "POST", headers: posting, body: JSON.stringify(body) }, call),
  });
}

function isFailure(error: unknown): error is Failure {
  return typeof error === "object" && error !== null && "again" in error;
}

function abortedError(path: string, signal: AbortSignal): TokenmarkError {
  return new TokenmarkError("aborted", `${path}: aborted`, { cause: signal.reason });
}
