/**
 * What of node-llama-cpp's in-process llama.cpp is used, as structural types: whoever wants it installs it (41 MB, and a plain
 * install adds 650 MB of GPU builds), and nothing here imports it. Method syntax on purpose: the host's token ids are branded numbers.
 */
export interface LlamaSequence {
  readonly disposed: boolean;
  readonly context: { readonly batchSize: number };
  readonly model: LlamaSequenceModel;
  /** Tokens that the sequence's state can hold. */
  readonly contextSize: number;
  /** Tokens that the state holds now. */
  readonly nextTokenIndex: number;
  /** Shortens the state to what it has in common with the beginning of `tokens`; without shifting nothing behind that is kept. */
  adaptStateToTokens(tokens: number[], allowShift?: boolean): Promise<void>;
  /** Evaluates tokens behind the state. Item i of the answer belongs to item i of the input. */
  controlledEvaluate(input: LlamaInput[]): Promise<(LlamaOutput | undefined)[]>;
}

/** The model behind a sequence: its vocabulary. */
export interface LlamaSequenceModel {
  readonly disposed: boolean;
  readonly filename?: string | undefined;
  readonly tokens: {
    readonly bos: number | null;
    readonly eos: number | null;
    readonly shouldPrependBosToken: boolean;
  };
  tokenize(text: string, specialTokens?: boolean): number[];
  detokenize(tokens: readonly number[], specialTokens?: boolean): string;
  iterateAllTokens(): Iterable<number>;
  isEogToken(token: number | undefined): boolean;
}

/** A token to evaluate; with options if the scores behind it are wanted. */
export type LlamaInput = number | [token: number, options: { generateNext?: LlamaGenerateNext }];

/** What is wanted behind a token. */
export interface LlamaGenerateNext {
  logits?: boolean | { filter: { tokens: readonly number[]; includeTop?: number } };
  options?: { temperature?: number; topK?: number; topP?: number; minP?: number };
}

/** What came back behind a token. */
export interface LlamaOutput {
  readonly next: { readonly logits?: ReadonlyMap<number, number> };
}
