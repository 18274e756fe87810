import { createGenerator, type Generator, type GeneratorOptions } from "@tokenmark/transformers";
import type { TextModel, WriteRequest, WrittenText } from "./text-model.ts";

/** Rows that are written together: more take more memory and gain nothing. */
const BATCH = 16;

/**
 * A model in the transformers.js layout: a folder, or an id of the hub.
 *
 * @throws TokenmarkError as `createGenerator`.
 */
export async function openLocalModel(
  folderOrId: string,
  options: Pick<GeneratorOptions, "dtype" | "sessionOptions"> & { readonly name?: string } = {},
): Promise<TextModel> {
  const { name, ...loading } = options;
  const generator: Generator = await createGenerator(folderOrId, loading);
  const { tokenizer } = generator;

  async function write(
    requests: readonly WriteRequest[],
    settings: Parameters<TextModel["write"]>[1],
  ): Promise<readonly WrittenText[]> {
    const written: WrittenText[] = [];
    for (let from = 0; from < requests.length; from += BATCH) {
      const batch = requests.slice(from, from + BATCH);
      const rows = await generator.generate(
        batch.map(({ prompt }) => prompt),
        {
          ...settings,
          scheme: batch.map(({ scheme }) => scheme),
          endTokens: [],
          seed: batch.map(({ seed }) => seed),
        },
      );
      for (const { text, tokens, promptTokens } of rows) written.push({ text, tokens, promptTokens });
    }
    return written;
  }

  return Object.freeze({
    name: name ?? folderOrId,
    tokenizer,
    identity: generator.identity,
    source: generator.source,
    reader: generator.reader,
    contextLength: generator.contextLength,
    write,
    dispose: () => generator.dispose(),
  });
}
