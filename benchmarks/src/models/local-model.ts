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
    for (let from = 0; from < requests.length; ) {
      // A batch has one scheme; a marked text has a key, and with it a scheme, of its own.
      const { scheme } = requests[from]!;
      let end = from + 1;
      while (end < requests.length && end - from < BATCH && requests[end]!.scheme === scheme) end++;
      const batch = requests.slice(from, end);
      const rows = await generator.generate(
        batch.map(({ prompt }) => prompt),
        { ...settings, scheme, endTokens: [], seed: batch.map(({ seed }) => seed) },
      );
      for (const { text, tokens, promptTokens } of rows) written.push({ text, tokens, promptTokens });
      from = end;
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
