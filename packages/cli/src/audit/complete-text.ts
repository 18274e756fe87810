import { TokenmarkError } from "@tokenmark/core";
import type { HttpClient } from "@tokenmark/logit-api";

const PATH = "/v1/completions";

/**
 * Asks a server to continue a text, in text: all that an OpenAI-shaped `/v1/completions` needs to offer.
 *
 * @param body - the request: prompt, sampling and model.
 * @throws TokenmarkError as `createHttpClient`; `unsupported-server` says what else to do.
 */
export async function completeText(client: HttpClient, body: object, signal: AbortSignal): Promise<string> {
  const answer = await client.post(PATH, body, { signal }).catch((cause: unknown) => {
    if (!(cause instanceof TokenmarkError) || cause.code !== "unsupported-server") throw cause;
    const advice = "collect answers in any other way and give them as JSONL with --answers";
    throw new TokenmarkError(cause.code, `${cause.message}; ${advice}`, { cause });
  });
  const text = (answer as { choices?: readonly { text?: unknown }[] } | null)?.choices?.[0]?.text;
  if (typeof text === "string") return text;
  throw new TokenmarkError(
    "bad-answer",
    `server ${client.address}${PATH}: wanted a text in choices[0].text, got an answer without one`,
  );
}
