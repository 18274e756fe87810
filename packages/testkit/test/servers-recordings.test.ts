import { type FakeServer, startFakeLlamaServer } from "@tokenmark/testkit";
import { afterEach, expect, test } from "vitest";
import { eventsOf, type Recording, recordedSource, recordedVocabulary, recordings } from "./recorded-model.ts";

// Vectors: test/vectors/llama-server (README.md there): answers of llama-server 0.5.0-dev, commit de3ff81.
const vocabulary = recordedVocabulary();
let server: FakeServer | undefined;
afterEach(() => server?.close());

async function replay(recording: Recording, certain: boolean): Promise<{ response: Response; body: unknown }> {
  const source = recordedSource(recording, vocabulary, certain);
  const apiKey = recording.name === "error-auth" ? { apiKey: "right" } : {};
  server = await startFakeLlamaServer({ source, vocabulary, modelName: "tiny-spm.gguf", ...apiKey });
  const { method = "POST", path, body = {} } = recording.request;
  const sent = recording.name === "error-context" ? { ...body, prompt: "a ".repeat(3000) } : body;
  const init = method === "GET" ? {} : { method, body: JSON.stringify(sent) };
  const response = await fetch(server.url + path, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")!.startsWith("application/json");
  return { response, body: isJson ? JSON.parse(text) : text };
}

/** Keys in their order and kinds of values; arrays item by item, but for lists of numbers or strings of any length. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    const [kind = "number", ...others] = [...new Set(value.map((item) => (item === null ? "null" : typeof item)))];
    return others.length === 0 && /number|string/.test(kind) ? `${kind}s` : value.map(shapeOf);
  }
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.entries(value).map(([key, item]) => [key, key === "bytes" ? "numbers" : shapeOf(item)]);
}

const metricNames = (text: unknown): unknown => String(text).replace(/ [\d.e+-]+$/gm, " N");
const shapesOf = (body: unknown): unknown =>
  typeof body === "string" && !body.startsWith("data:") ? metricNames(body) : eventsOf(body).map(shapeOf);

test("there are 27 recordings, one of them of six steps", () => {
  expect(recordings.length).toBe(26 + 6);
});

test.each(recordings.map((recording) => [recording.name, recording] as const))(
  "%s: status, content type, keys in their order and nesting are the recorded ones",
  async (_, recording) => {
    const { response, body } = await replay(recording, true);
    expect(response.status).toBe(recording.response.status);
    expect(response.headers.get("content-type")).toBe(recording.response.contentType);
    expect(shapesOf(body)).toEqual(shapesOf(recording.response.body));
  },
);

/** What a fake cannot know: times, random names, which slot was free, what lay in the cache, how long a ChatML prompt is. */
const unknowable = /^(created|id_slot|timings|timings\/.*|usage)$/;

function comparable(value: unknown, scores: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => comparable(item, scores));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, item]) => !unknowable.test(key) && !String(item).startsWith("chatcmpl-") && (scores || !/prob/.test(key)),
  );
  return Object.fromEntries(
    kept.map(([key, item]) => [
      key,
      // Recorded logits of one context differ by up to 8e-5 between cached and uncached evaluation.
      key === "logprob" ? Math.round((item as number) * 1000) / 1000 : comparable(item, scores),
    ]),
  );
}

const drawn = recordings.filter(
  ({ request, response }) => request.path.includes("completion") && response.status === 200,
);
test.each(drawn.map((recording) => [recording.name, recording] as const))(
  "%s: given the recorded draws, text, tokens, settings and stop reason are the recorded ones",
  async (_, recording) => {
    const { body } = await replay(recording, true);
    expect(eventsOf(body).map((event) => comparable(event, false))).toEqual(
      eventsOf(recording.response.body).map((event) => comparable(event, false)),
    );
  },
);

const fixed = drawn.filter(({ request: { body = {} } }) => body.temperature === 0 || body.logit_bias !== undefined);
test.each(fixed.map((recording) => [recording.name, recording] as const))(
  "%s: given the recorded scores, the answer has them to 1e-3, raw under bias and temperature",
  async (_, recording) => {
    const { body } = await replay(recording, false);
    expect(comparable(body, true)).toEqual(comparable(recording.response.body, true));
  },
);

const exact = ["apply-template", "detokenize", "tokenize-with-pieces", "get-health"];
const errors = ["error-auth", "error-bad-token", "error-context", "error-no-prompt"];
test.each(recordings.filter(({ name }) => [...exact, ...errors].includes(name)).map((one) => [one.name, one] as const))(
  "%s: the answer is the recorded one, word for word",
  async (_, recording) => {
    expect((await replay(recording, true)).body).toEqual(recording.response.body);
  },
);
