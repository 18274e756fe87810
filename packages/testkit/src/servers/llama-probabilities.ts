import type { TokenId } from "@tokenmark/core";
import { bestTokens } from "./best-tokens.ts";
import { type Processed, softmax } from "./sampling-chain.ts";
import { reportedLogprob, type Scores } from "./scores.ts";
import { type ServerVocabulary, textOfBytes } from "./server-vocabulary.ts";
import { wholeLength } from "./whole-length.ts";

/** Writes probability entries, `{"id","token","bytes","logprob","top_logprobs"}`, as JSON text. */
export interface LlamaProbabilityWriter {
  /** Raw log-probabilities: of the model alone, whatever bias, temperature and truncation did to the draw. */
  raw(token: TokenId, sent: string, scores: Scores, count: number): string;
  /** Probabilities after the sampler chain: `prob` and `top_probs`, none of them zero. */
  postSampling(token: TokenId, sent: string, processed: Processed, count: number): string;
}

/** Makes a writer. The constant part of each token's entry is written once and kept. */
export function createLlamaProbabilityWriter(vocabulary: ServerVocabulary): LlamaProbabilityWriter {
  const heads: (string | undefined)[] = new Array(vocabulary.size);

  function head(token: TokenId): string {
    heads[token] ??= entryHead(token, vocabulary.bytesOf(token));
    return heads[token]!;
  }

  return {
    raw(token: TokenId, sent: string, { logits, logTotal }: Scores, count: number): string {
      const own = reportedLogprob(logits[token]! - logTotal);
      let entries = "";
      for (const other of bestTokens(logits, count))
        entries += `${entries && ","}${head(other)}"logprob":${reportedLogprob(logits[other]! - logTotal)}}`;
      return `${entryHead(token, sent)}"logprob":${own},"top_logprobs":[${entries}]}`;
    },
    postSampling(token: TokenId, sent: string, { tokens, logits }: Processed, count: number): string {
      const probabilities = softmax(logits);
      const own = Math.fround(probabilities[tokens.indexOf(token)] ?? 0);
      let entries = "";
      for (const at of bestTokens(probabilities, count)) {
        const probability = Math.fround(probabilities[at]!);
        if (probability === 0) break;
        entries += `${entries && ","}${head(tokens[at]!)}"prob":${probability}}`;
      }
      return `${entryHead(token, sent)}"prob":${own},"top_probs":[${entries}]}`;
    },
  };
}

/** `token` leaves out a character that is not finished; `bytes` does not. */
function entryHead(token: TokenId, bytes: string): string {
  const text = JSON.stringify(textOfBytes(bytes.slice(0, wholeLength(bytes))));
  return `{"id":${token},"token":${text},"bytes":[${Array.from(bytes, (byte) => byte.charCodeAt(0)).join(",")}],`;
}
