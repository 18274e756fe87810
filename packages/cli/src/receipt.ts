import {
  type AnySchemeConfig,
  type GenerationSummary,
  parseSchemeConfig,
  type TokenizerIdentity,
  TokenmarkError,
} from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";

/** What was generated, how, and under which key id: enough to detect from ids, and to generate the same again with the key. */
export interface Receipt {
  readonly format: "tokenmark-receipt/1";
  /** Null: unmarked. */
  readonly scheme: AnySchemeConfig | null;
  /** The key's public id; null for unmarked text. */
  readonly keyId: string | null;
  readonly model: { readonly name: string; readonly dtype: string | null };
  readonly tokenizer: TokenizerIdentity;
  readonly sampling: {
    readonly temperature: number;
    readonly topK: number;
    readonly topP: number;
    readonly minP: number;
    readonly maxTokens: number | null;
    readonly seed: string | null;
  };
  readonly prompt: string;
  /** As the model saw it, special tokens included. */
  readonly promptTokens: readonly number[];
  /** The new tokens, an end token last if there was one. */
  readonly tokens: readonly number[];
  readonly text: string;
  readonly finishReason: GenerationSummary["finishReason"];
  /** How many tokens were marked, and why the others were not. */
  readonly outcomes: GenerationSummary["outcomes"];
}

function checkIds(name: string, value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw new TokenmarkError("io", `${name}: wanted an array of token ids, got none`);
  const wrong = value.findIndex((id) => !Number.isInteger(id) || id < 0 || id > 2 ** 31 - 1);
  if (wrong >= 0) throw new TokenmarkError("io", `${name}[${wrong}]: wanted a token id, got something else`);
  return value as readonly number[];
}

function checkIdentity(value: unknown): TokenizerIdentity {
  const { name, vocabularySize, sha256 } = (value ?? {}) as Partial<TokenizerIdentity>;
  if (typeof name === "string" && Number.isInteger(vocabularySize) && /^[0-9a-f]{64}$/.test(sha256 ?? ""))
    return { name, vocabularySize: vocabularySize!, sha256: sha256! };
  throw new TokenmarkError("io", "receipt.tokenizer: wanted name, vocabularySize and sha256, got something else");
}

/**
 * Checks of a receipt what detection and people rely on.
 *
 * @throws TokenmarkError `io`, `bad-config`.
 */
export function parseReceipt(value: unknown): Receipt {
  const given = (value ?? {}) as Partial<Receipt>;
  if (given.format !== "tokenmark-receipt/1") {
    throw new TokenmarkError("io", 'receipt.format: wanted "tokenmark-receipt/1", got something else');
  }
  const { scheme, keyId } = given;
  if (keyId !== null && !(typeof keyId === "string" && /^[0-9a-f]{16}$/.test(keyId))) {
    throw new TokenmarkError("io", "receipt.keyId: wanted 16 hex digits or null, got something else");
  }
  return {
    ...(given as Receipt),
    scheme: scheme === null ? null : parseSchemeConfig(scheme, { registry: engineRegistry }),
    keyId,
    tokenizer: checkIdentity(given.tokenizer),
    promptTokens: checkIds("receipt.promptTokens", given.promptTokens),
    tokens: checkIds("receipt.tokens", given.tokens),
  };
}
