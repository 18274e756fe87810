import { generate, type LogitSource, type TextTokenizer, type TokenId, type TokenizerIdentity } from "@tokenmark/core";
import type { TextReader } from "@tokenmark/transformers";
import seedrandom from "seedrandom";
import type { TextModel, WriteRequest, WrittenText } from "./text-model.ts";

/** Options of {@link sourceModel}. */
export interface SourceModelOptions {
  readonly name: string;
  readonly tokenizer: TextTokenizer & { encodePrompt?(text: string): readonly TokenId[] };
  readonly identity: TokenizerIdentity;
  /** For perplexity, where the same model can be read along a text. @defaultValue null */
  readonly reader?: TextReader | null;
  /** @defaultValue null */
  readonly contextLength?: number | null;
  /** @defaultValue nothing to close */
  readonly dispose?: () => Promise<void>;
}

/** Makes any source with its tokenizer a model that the suite can run: a server, or a model of one's own. */
export function sourceModel(source: LogitSource, options: SourceModelOptions): TextModel {
  const { name, tokenizer, identity, reader = null, contextLength = null, dispose = async () => {} } = options;

  async function writeOne(
    { prompt, scheme, seed }: WriteRequest,
    settings: Parameters<TextModel["write"]>[1],
  ): Promise<WrittenText> {
    const promptTokens = tokenizer.encodePrompt?.(prompt) ?? Array.from(tokenizer.encode(prompt));
    const tokens: TokenId[] = [];
    for await (const { token } of generate(source, promptTokens, {
      ...settings,
      ...(scheme === null ? {} : { scheme }),
      random: seedrandom(seed),
    })) {
      tokens.push(token);
    }
    return { text: tokenizer.decode(tokens), tokens, promptTokens };
  }

  return Object.freeze({
    name,
    tokenizer,
    identity,
    source,
    reader,
    contextLength,
    async write(requests: readonly WriteRequest[], settings: Parameters<TextModel["write"]>[1]) {
      const written: WrittenText[] = [];
      for (const request of requests) written.push(await writeOne(request, settings));
      return written;
    },
    dispose,
  });
}
