import type { LogitSource, TextTokenizer, TokenId, TokenizerIdentity, WatermarkScheme } from "@tokenmark/core";
import type { TextReader } from "@tokenmark/transformers";

/** How tokens are drawn. */
export interface SamplingSettings {
  readonly temperature: number;
  /** 0: all tokens. */
  readonly topK: number;
  readonly topP: number;
}

/** One text to write. */
export interface WriteRequest {
  readonly prompt: string;
  readonly scheme: WatermarkScheme | null;
  /** Decides every draw of this text. */
  readonly seed: string;
}

/** A text that was written: the continuation alone. */
export interface WrittenText {
  readonly text: string;
  readonly tokens: readonly TokenId[];
  readonly promptTokens: readonly TokenId[];
}

/** A model that texts are written with and, where it can be read, measured with: whatever it runs on. */
export interface TextModel {
  readonly name: string;
  readonly tokenizer: TextTokenizer;
  readonly identity: TokenizerIdentity;
  readonly source: LogitSource;
  /** Null for a server that gives no scores along a text. */
  readonly reader: TextReader | null;
  /** Positions for prompt and text together; null if unknown. */
  readonly contextLength: number | null;
  /** Writes exactly `maxTokens` tokens behind each prompt; each text depends on its own request alone, up to rounding. */
  write(
    requests: readonly WriteRequest[],
    settings: SamplingSettings & { readonly maxTokens: number },
  ): Promise<readonly WrittenText[]>;
  dispose(): Promise<void>;
}
