import { type GenerateOptions, type GenerationSummary, generate, type LogitSource } from "@tokenmark/core";
import {
  createToySource,
  createToyVocabulary,
  type FakeLlamaServerOptions,
  startFakeLlamaServer,
} from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { afterAll } from "vitest";

/** Words of the toy language come first, then its byte tokens and the two special ones. */
export const VOCABULARY_SIZE = 512;

/** The toy vocabulary's token for a line break. */
export const LINE_BREAK = 31;

/** A language with text-like entropy, and with byte tokens likely enough that characters are split in every longer text. */
export function toyLanguage(seed = "logit-api"): LogitSource {
  const toy = createToySource({ seed, vocabularySize: VOCABULARY_SIZE });
  const bytesFrom = VOCABULARY_SIZE - 258;
  return {
    name: toy.name,
    async next(tokens) {
      const { logits } = await toy.next(tokens);
      // The bytes of "👋" come one after the other, and nearly always whole.
      const [a, b, c, d] = [0xf0, 0x9f, 0x91, 0x8b].map((byte) => bytesFrom + byte) as [number, number, number, number];
      // It comes now and then, and surely after a line break.
      logits[a] = tokens.at(-1) === LINE_BREAK ? 6 : -1;
      for (const [before, after] of [
        [a, b],
        [b, c],
        [c, d],
      ] as const) {
        if (tokens.at(-1) === before) logits[after] = 6;
      }
      return { logits };
    },
  };
}

const servers: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

/** Starts a fake llama-server over the toy language; it ends with the test file. */
export async function toyServer(options: Partial<FakeLlamaServerOptions> = {}) {
  const vocabulary = createToyVocabulary({ size: VOCABULARY_SIZE });
  const server = await startFakeLlamaServer({ source: toyLanguage(), vocabulary, jitter: 0, ...options });
  servers.push(server);
  return server;
}

/** Writes to the end and gives the summary. */
export async function write(
  source: LogitSource,
  prompt: readonly number[],
  options: Omit<GenerateOptions, "random"> & { readonly seed?: string },
): Promise<GenerationSummary> {
  const { seed = "w", ...rest } = options;
  const stream = generate(source, prompt, { ...rest, random: seedrandom(seed) });
  for (;;) {
    const step = await stream.next();
    if (step.done) return step.value;
  }
}
