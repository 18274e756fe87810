import { setTimeout as wait } from "node:timers/promises";
import { TokenmarkError } from "@tokenmark/core";

/** A server's route for plain text. */
export interface TextRoute {
  /** Without credentials and without `/v1`. */
  readonly address: string;
  readonly apiKey?: string;
  readonly timeoutMs?: number;
}

const PATH = "/v1/completions";
const ATTEMPTS = 4;
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 60_000;
const TIMEOUT_MS = 120_000;
const LONGEST_QUOTE = 160;

/** Why an attempt failed, and whether another may do better. */
interface Failure {
  readonly error: TokenmarkError;
  readonly again: boolean;
  readonly afterMs?: number;
}

/** The server's own words: one line, nothing that drives a terminal, no API key. */
function quote(text: string, apiKey: string | undefined): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  const safe = apiKey ? line.replaceAll(apiKey, "[API key]") : line;
  return safe === "" ? "" : `: ${safe.slice(0, LONGEST_QUOTE)}`;
}

function failureOf({ address, apiKey }: TextRoute, status: number, text: string, afterMs: number): Failure {
  const said = quote(text, apiKey);
  const where = `server ${address}${PATH}`;
  if (status === 401 || status === 403) {
    const which = apiKey === undefined ? "an" : "another";
    return {
      error: new TokenmarkError("unauthorized", `${where}: wants ${which} API key (TOKENMARK_API_KEY)`),
      again: false,
    };
  }
  if (status === 404 || status === 405) {
    return {
      error: new TokenmarkError(
        "unsupported-server",
        `${where}: is not offered there (status ${status})${said}; collect answers in any other way and give them as JSONL with --answers`,
      ),
      again: false,
    };
  }
  if (status === 429) {
    return {
      error: new TokenmarkError("rate-limited", `${where}: asks to slow down (status 429)`),
      again: true,
      afterMs,
    };
  }
  const error = new TokenmarkError("server-error", `${where}: refused the question with status ${status}${said}`);
  return { error, again: status >= 500, afterMs };
}

function textOf(body: string): string | undefined {
  try {
    const answer = JSON.parse(body) as { choices?: readonly { text?: unknown }[] } | null;
    const text = answer?.choices?.[0]?.text;
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}

async function attempt(route: TextRoute, body: object, signal: AbortSignal): Promise<string | Failure> {
  const { address, apiKey, timeoutMs = TIMEOUT_MS } = route;
  const ending = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await fetch(address + PATH, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, ending]),
    });
    const text = await answer.text();
    const afterMs = 1000 * Number(answer.headers.get("retry-after") ?? 0) || 0;
    if (!answer.ok) return failureOf(route, answer.status, text, afterMs);
    const completion = textOf(text);
    if (completion !== undefined) return completion;
    const what = `server ${address}${PATH}: wanted a text in choices[0].text, got an answer without one`;
    return { error: new TokenmarkError("bad-answer", what), again: true };
  } catch (cause) {
    if (signal.aborted) throw new TokenmarkError("aborted", `${PATH}: aborted`, { cause });
    const timedOut = ending.aborted;
    const what = timedOut ? `gave no answer in ${timeoutMs / 1000} s` : "the connection failed or was cut";
    const error = new TokenmarkError(timedOut ? "timeout" : "network", `server ${address}${PATH}: ${what}`, { cause });
    return { error, again: true };
  }
}

/**
 * Asks a server to continue a text, in text: all that an OpenAI-shaped `/v1/completions` needs to offer. Asked again after a lost connection, a
 * 429 or a 5xx.
 *
 * @param body - the request: prompt, sampling and model.
 * @throws TokenmarkError `network`, `timeout`, `unauthorized`, `rate-limited`, `server-error`, `bad-answer`, `unsupported-server`, `aborted`.
 */
export async function completeText(route: TextRoute, body: object, signal: AbortSignal): Promise<string> {
  for (let tried = 1; ; tried++) {
    const answer = await attempt(route, body, signal);
    if (typeof answer === "string") return answer;
    const { error, again, afterMs = 0 } = answer;
    if (!again || tried >= ATTEMPTS || afterMs > LONGEST_DELAY_MS) throw error;
    await wait(Math.max(afterMs, FIRST_DELAY_MS * 2 ** tried), undefined, { signal }).catch((cause: unknown) => {
      throw new TokenmarkError("aborted", `${PATH}: aborted`, { cause });
    });
  }
}
