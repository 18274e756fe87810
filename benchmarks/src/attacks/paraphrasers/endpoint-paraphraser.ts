import { setTimeout as sleep } from "node:timers/promises";
import { TokenmarkError } from "@tokenmark/core";
import type { Paraphraser } from "../attack.ts";
import { instruction, passageOf } from "./instruction.ts";

/** Options of {@link endpointParaphraser}. */
export interface EndpointParaphraserOptions {
  /** Address up to and without `/v1`, or with it. */
  readonly baseURL: string;
  /** Which of the server's models; most servers have one and take any name. @defaultValue "default" */
  readonly model?: string;
  /** Sent as a bearer token; never in an error. */
  readonly apiKey?: string;
  /** @defaultValue 120,000 */
  readonly timeoutMs?: number;
  /** Tries of a question in all. @defaultValue 4 */
  readonly tries?: number;
  /** First pause before a further try; it doubles. @defaultValue 500 */
  readonly pauseMs?: number;
}

/** One answer of the server. */
type Outcome =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "no-route" }
  | { readonly kind: "again"; readonly why: string; readonly afterMs?: number };

const BUSY = new Set([408, 409, 425, 429, 500, 502, 503, 504]);

function textOf(body: unknown): string | undefined {
  const choice = (body as { choices?: readonly { message?: { content?: unknown }; text?: unknown }[] } | null)
    ?.choices?.[0];
  const text = choice?.message?.content ?? choice?.text;
  return typeof text === "string" ? text : undefined;
}

/**
 * A paraphraser behind an OpenAI-shaped endpoint: `/v1/chat/completions`, or `/v1/completions` where there is no chat.
 *
 * @throws TokenmarkError from `rewrite`: `network`, `timeout`, `unauthorized`, `rate-limited`, `bad-answer`, `server-error`.
 */
export function endpointParaphraser(options: EndpointParaphraserOptions): Paraphraser {
  const { baseURL, model = "default", apiKey, timeoutMs = 120_000, tries = 4, pauseMs = 500 } = options;
  const root = baseURL.replace(/\/+$/, "").replace(/\/v1$/, "");
  if (!URL.canParse(root) || !/^https?:$/.test(new URL(root).protocol)) {
    throw new TokenmarkError(
      "bad-argument",
      `baseURL: wanted an address such as http://127.0.0.1:8080, got ${baseURL}`,
    );
  }
  const { host, pathname } = new URL(root);
  const name = `${model} at ${host}${pathname === "/" ? "" : pathname}`;
  let hasChat = true;

  async function ask(route: string, body: object): Promise<Outcome> {
    let response: Response;
    try {
      response = await fetch(`${root}/v1/${route}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      return { kind: "again", why: (error as Error).name === "TimeoutError" ? "timeout" : "network" };
    }
    const { status } = response;
    const text = await response.text().catch(() => "");
    if (status === 401 || status === 403) {
      throw new TokenmarkError("unauthorized", `paraphraser ${name}: wanted an accepted API key, got status ${status}`);
    }
    if (status === 404 && /model/i.test(text)) {
      throw new TokenmarkError("bad-argument", `paraphraser ${name}: wanted one of the server's models, got ${model}`);
    }
    if (status === 404 || status === 405) return { kind: "no-route" };
    if (BUSY.has(status)) {
      const seconds = Number(response.headers.get("retry-after"));
      return { kind: "again", why: String(status), ...(seconds > 0 ? { afterMs: 1000 * Math.min(60, seconds) } : {}) };
    }
    if (!response.ok) throw new TokenmarkError("server-error", `paraphraser ${name}: got status ${status}`);
    try {
      const answer = textOf(JSON.parse(text));
      if (answer !== undefined && passageOf(answer) !== "") return { kind: "text", text: passageOf(answer) };
    } catch {
      // Told of below, after another try.
    }
    return { kind: "again", why: "an answer without text" };
  }

  const question = (passage: string, seed: string): readonly [string, object] => {
    const drawing = { model, temperature: 0.7, max_tokens: 1024, seed: Math.floor(Number(seed) * 2 ** 31) || 0 };
    return hasChat
      ? ["chat/completions", { ...drawing, messages: [{ role: "user", content: instruction(passage) }] }]
      : ["completions", { ...drawing, prompt: `${instruction(passage)}\n\n` }];
  };

  async function rewriteOne(passage: string, seed: string): Promise<string> {
    let why = "";
    for (let attempt = 0; attempt < tries; ) {
      const outcome = await ask(...question(passage, seed));
      if (outcome.kind === "text") return outcome.text;
      if (outcome.kind === "no-route") {
        if (!hasChat) {
          throw new TokenmarkError(
            "server-error",
            `paraphraser ${name}: wanted /v1/chat/completions or /v1/completions, got neither`,
          );
        }
        hasChat = false;
        continue;
      }
      why = outcome.why;
      attempt++;
      if (attempt < tries) await sleep(outcome.afterMs ?? pauseMs * 2 ** (attempt - 1));
    }
    if (why === "timeout" || why === "network") {
      throw new TokenmarkError(why, `paraphraser ${name}: wanted an answer within ${tries} tries, got none (${why})`);
    }
    const code = why === "429" ? "rate-limited" : /^\d/.test(why) ? "server-error" : "bad-answer";
    throw new TokenmarkError(code, `paraphraser ${name}: wanted a passage within ${tries} tries, got ${why}`);
  }

  return Object.freeze({
    name,
    async rewrite(passages: readonly string[], seeds: readonly string[]): Promise<readonly string[]> {
      const rewritten: string[] = [];
      for (const [i, passage] of passages.entries()) rewritten.push(await rewriteOne(passage, seeds[i]!));
      return rewritten;
    },
  });
}
