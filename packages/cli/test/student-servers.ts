import { createScheme, Key, type LogitSource, parseProfile } from "@tokenmark/core";
import { dtype, modelFolder } from "@tokenmark/demo-model";
import {
  createServerVocabulary,
  type FakeServer,
  type FakeServerOptions,
  type ServerVocabulary,
  startFakeVllmServer,
} from "@tokenmark/testkit";
import { createGenerator, type Generator } from "@tokenmark/transformers";
import { afterAll, beforeAll } from "vitest";
import type { AuditFolder } from "./audit-folder.ts";

/** Servers of the shipped model and of one that leans to the mark of an audit's folder. */
export interface StudentServers {
  /** The shipped model. */
  generator(): Generator;
  vocabulary(): ServerVocabulary;
  /** The shipped model's scores, leaning to what the key prefers as those of a student of marked text do. */
  trainedSource(): LogitSource;
  vllm(source: LogitSource, options?: FakeServerOptions & { apiKey?: string }): Promise<FakeServer>;
  /** Has a server closed after the tests. */
  keep(server: FakeServer): FakeServer;
}

/** Loads the model before the tests of a file; closes all servers after them. */
export function studentServers({ read }: Pick<AuditFolder, "read">): StudentServers {
  const servers: FakeServer[] = [];
  let generator: Generator;
  let vocabulary: ServerVocabulary;

  beforeAll(async () => {
    generator = await createGenerator(modelFolder, { dtype, sessionOptions: { intraOpNumThreads: 1 } });
    const { tokenizer, vocabularySize } = generator;
    const bytes = Array.from({ length: vocabularySize }, (_, id) => tokenizer.bytesOf(id) ?? new Uint8Array(0));
    vocabulary = createServerVocabulary({ bytes, endTokens: [], encode: (text) => tokenizer.encode(text) });
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await generator.dispose();
  });

  const keep = (server: FakeServer): FakeServer => {
    servers.push(server);
    return server;
  };
  return {
    generator: () => generator,
    vocabulary: () => vocabulary,
    keep,
    trainedSource() {
      const { scheme: config } = parseProfile(read("p.json"));
      const scheme = createScheme(config, Key.fromHex(read("a.key")));
      const { width } = scheme.context;
      return {
        name: "trained",
        async next(tokens) {
          const { logits } = await generator.source.next(tokens);
          const leaning = Float32Array.from(logits);
          if (tokens.length < width) return { logits: leaning };
          const context = tokens.slice(tokens.length - width);
          for (let token = 0; token < leaning.length; token++) leaning[token]! += scheme.score(context, token);
          return { logits: leaning };
        },
      };
    },
    vllm: async (source, options = {}) =>
      keep(await startFakeVllmServer({ source, vocabulary, contextLength: 512, jitter: 0, ...options })),
  };
}
