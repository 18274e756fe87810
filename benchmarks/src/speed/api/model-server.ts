import { createServerVocabulary, type FakeServer, startFakeLlamaServer } from "@tokenmark/testkit";
import type { Generator } from "@tokenmark/transformers";

const NOTHING = new Uint8Array(0);

/** A local model as if llama.cpp served it: the routes and shapes of a llama-server over the model's own scores. */
export function startModelServer(generator: Generator, latencyMs: number): Promise<FakeServer> {
  const { tokenizer, vocabularySize, contextLength, source } = generator;
  const bytes = Array.from({ length: vocabularySize }, (_, id) => tokenizer.bytesOf(id) ?? NOTHING);
  const vocabulary = createServerVocabulary({ bytes, endTokens: [], encode: (text) => tokenizer.encode(text) });
  return startFakeLlamaServer({ source, vocabulary, latencyMs, contextLength: contextLength ?? 512, jitter: 0 });
}
