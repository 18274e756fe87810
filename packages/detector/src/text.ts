import { type TextTokenizer, TokenmarkError, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import { checkTokens, show } from "./argument-check.ts";
import type { UnitCounterOptions } from "./counting.ts";
import type { Detection } from "./detection.ts";
import type { TestOptions } from "./detector.ts";
import { type OffsetSource, tokenOffsets } from "./offsets.ts";
import { detectTokens, type SpanOptions, scoreTokens, type TokenScore } from "./tokens.ts";

/** What is known of a text besides its characters. */
export interface TextOptions extends Pick<UnitCounterOptions, "dropPromptUnits"> {
  /** The prompt that the text answers or continues, if it is known; "" for known to be empty. */
  readonly prompt?: string | undefined;
}

/** Options of {@link detectText}. */
export interface DetectTextOptions extends TestOptions, TextOptions {}

/** A {@link Detection} made from characters. */
export interface TextDetection extends Detection {
  /** Length of the text in UTF-16 units. */
  readonly characters: number;
  /** Whether the tokenizer's ids decode to the very text; if not, it normalises, and its ids may differ from those generated. */
  readonly decodesToText: boolean;
}

/** A {@link TokenScore} with its place in the text. */
export interface TextTokenScore extends TokenScore {
  /** First UTF-16 unit. Equal to `end` for a token that only begins a character which a later one completes. */
  readonly start: number;
  /** One past the last UTF-16 unit. */
  readonly end: number;
}

/** Scores along a text. */
export interface TextScores {
  /** One row a token; `index` counts from the text's first token, the prompt not among them. */
  readonly tokens: readonly TextTokenScore[];
  /** Where the character offsets come from. */
  readonly offsets: OffsetSource;
}

/**
 * Tests a text for a scheme's mark, through any tokenizer. `text` is the generated part alone; the prompt, if known, goes
 * into the options, and each is encoded by itself, as a generator sees them.
 *
 * Encoding a decoded text does not always give the generated ids back; every place where it differs costs evidence (never
 * validity): test ids where you have them.
 *
 * @throws TokenmarkError `empty-text`, `bad-argument`; whatever the tokenizer throws.
 */
export function detectText(
  scheme: WatermarkScheme,
  text: string,
  tokenizer: TextTokenizer,
  options: DetectTextOptions = {},
): TextDetection {
  const { alpha, expected } = options;
  checkText(text);
  const ids = tokenizer.encode(text);
  const { tokens, span } = joinPrompt(ids, tokenizer, options);
  const detection = detectTokens(scheme, tokens, { ...span, expected, ...(alpha === undefined ? {} : { alpha }) });
  return Object.freeze({ ...detection, characters: text.length, decodesToText: tokenizer.decode(ids) === text });
}

/**
 * The score of every token of a text with its character offsets, for heat maps. Offsets come from the tokenizer if it knows
 * them, else from decoding the ids piece by piece; the answer says which.
 *
 * @throws TokenmarkError `empty-text`, `bad-argument`; whatever the tokenizer throws.
 */
export function scoreText(
  scheme: WatermarkScheme,
  text: string,
  tokenizer: TextTokenizer,
  options: TextOptions = {},
): TextScores {
  checkText(text);
  const { tokens: ids, offsets, source } = tokenOffsets(text, tokenizer);
  const { tokens, span } = joinPrompt(ids, tokenizer, options);
  const rows = scoreTokens(scheme, tokens, span).map((row, i) =>
    Object.freeze({ ...row, index: i, start: offsets[2 * i]!, end: offsets[2 * i + 1]! }),
  );
  return Object.freeze({ tokens: rows, offsets: source });
}

function checkText(text: string): void {
  if (typeof text !== "string") {
    throw new TokenmarkError("bad-argument", `text: wanted a string, got ${show(text)}`);
  }
  if (text.length === 0) throw new TokenmarkError("empty-text", "text: wanted at least one character, got none");
}

function joinPrompt(
  ids: TokenSequence,
  tokenizer: TextTokenizer,
  { prompt, dropPromptUnits }: TextOptions,
): { readonly tokens: TokenSequence; readonly span: SpanOptions } {
  const drop = dropPromptUnits === undefined ? {} : { dropPromptUnits };
  if (prompt === undefined) return { tokens: ids, span: drop };
  if (typeof prompt !== "string") {
    throw new TokenmarkError("bad-argument", `prompt: wanted a string, got ${show(prompt)}`);
  }
  checkTokens("tokens", ids);
  const before = prompt === "" ? [] : encodePrompt(prompt, tokenizer);
  return {
    tokens: before.concat(Array.from(ids)),
    span: { start: before.length, promptKnown: true, ...drop },
  };
}

function encodePrompt(prompt: string, tokenizer: TextTokenizer): number[] {
  const ids = tokenizer.encode(prompt);
  checkTokens("prompt", ids);
  return Array.from(ids);
}
