import { checkProfileTokenizer, type TokenizerIdentity, TokenmarkError } from "@tokenmark/core";
import {
  type Detection,
  detectText,
  detectTokens,
  evidenceLevel,
  scoreText,
  scoreTokens,
  type TokenScore,
} from "@tokenmark/detector";
import type { EngineText } from "@tokenmark/engines";
import type { ModelTokenizer } from "@tokenmark/transformers";
import { given } from "./given.ts";
import { chooseModel, type ModelOptions, openTokenizer } from "./model-choice.ts";
import { readJson, readPrompt, readText } from "./read-input.ts";
import { parseReceipt } from "./receipt.ts";
import type { SchemeChoice } from "./scheme-choice.ts";
import type { TextPiece } from "./text-cells.ts";

/** A token's score with the characters it stands for. */
export interface ScoredPiece extends TextPiece {
  readonly token: number;
  readonly evidence: number | null;
  readonly why: TokenScore["why"];
}

/** What is tested: it can be judged, and shown token by token. */
export interface Suspect {
  /** Its ids, as another engine's detector is given them. */
  readonly ids: EngineText;
  detect(choice: SchemeChoice, alpha: number | undefined): Detection;
  explain(choice: SchemeChoice): Promise<readonly ScoredPiece[]>;
}

/** Loads the tokenizer when first asked; ids can be judged without one. */
type OpenTokenizer = () => Promise<ModelTokenizer>;

const piece = (text: string, score: TokenScore): ScoredPiece => ({
  text,
  level: evidenceLevel(score),
  token: score.token,
  evidence: score.evidence,
  why: score.why,
});

/** A text, read with the tokenizer. */
function suspectText(text: string, prompt: string | undefined, tokenizer: ModelTokenizer): Suspect {
  const promptIds = prompt === undefined ? null : prompt === "" ? [] : tokenizer.encode(prompt);
  return {
    ids: { tokens: tokenizer.encode(text), prompt: promptIds },
    detect({ scheme, profile }, alpha) {
      return detectText(scheme, text, tokenizer, given({ prompt, alpha, expected: profile?.expected }));
    },
    async explain({ scheme }) {
      const { tokens } = scoreText(scheme, text, tokenizer, given({ prompt }));
      return tokens.map((score) => piece(text.slice(score.start, score.end), score));
    },
  };
}

/** Ids and the prompt's ids, if known. */
interface GivenIds {
  readonly ids: readonly number[];
  readonly promptIds?: readonly number[];
  readonly tokenizer?: TokenizerIdentity;
}

function readIds(value: unknown): GivenIds {
  if (!Array.isArray(value)) {
    const { tokens, promptTokens, tokenizer } = parseReceipt(value);
    return { ids: tokens, promptIds: promptTokens, tokenizer };
  }
  const wrong = value.findIndex((id) => !Number.isInteger(id) || id < 0 || id > 2 ** 31 - 1);
  if (wrong >= 0) throw new TokenmarkError("io", `ids[${wrong}]: wanted a token id, got something else`);
  return { ids: value as number[] };
}

/** The ids of a receipt, prompt included, or a bare array of ids, whose prompt may be told. */
async function suspectIds(
  value: unknown,
  prompt: string | undefined,
  { profile }: SchemeChoice,
  open: OpenTokenizer,
): Promise<Suspect> {
  const { ids, promptIds, tokenizer: identity } = readIds(value);
  if (ids.length === 0) throw new TokenmarkError("empty-text", "ids: wanted at least one token id, got none");
  if (profile !== undefined) {
    if (identity !== undefined) checkProfileTokenizer(profile, identity);
    const { vocabularySize, name } = profile.tokenizer;
    const wrong = ids.findIndex((id) => id >= vocabularySize);
    if (wrong >= 0) {
      throw new TokenmarkError(
        "vocabulary-mismatch",
        `ids[${wrong}]: wanted an id below the profile's ${vocabularySize} (${name}), got ${ids[wrong]}`,
      );
    }
  }
  const before = prompt === undefined ? promptIds : prompt === "" ? [] : (await open()).encode(prompt);
  const tokens = [...(before ?? []), ...ids];
  const span = { start: before?.length ?? 0, promptKnown: before !== undefined };
  return {
    ids: { tokens: ids, prompt: before ?? null },
    detect({ scheme, profile }, alpha) {
      return detectTokens(scheme, tokens, { ...span, ...given({ alpha, expected: profile?.expected }) });
    },
    async explain({ scheme }) {
      const tokenizer = await open();
      if (identity !== undefined && identity.sha256 !== tokenizer.identity.sha256) {
        throw new TokenmarkError(
          "tokenizer-mismatch",
          `tokenizer: wanted the receipt's ${identity.name} to show its text, got ${tokenizer.identity.name}`,
        );
      }
      const detokenizer = tokenizer.createDetokenizer(before ?? []);
      const scores = scoreTokens(scheme, tokens, span);
      const pieces = scores.map((score) => piece(detokenizer.push(score.token), score));
      const rest = detokenizer.flush();
      return rest === "" ? pieces : [...pieces, { ...pieces.at(-1)!, text: rest }];
    },
  };
}

/** How the command line says what is tested. */
export interface SuspectFlags extends ModelOptions {
  readonly prompt?: string;
  readonly ids?: boolean;
}

/**
 * Reads what is tested, with the tokenizer that the flags name and the profile asks for.
 *
 * @throws TokenmarkError `io`, `empty-text`, `tokenizer-mismatch`, `vocabulary-mismatch`, `model-not-found`.
 */
export async function openSuspect(
  file: string,
  flags: SuspectFlags,
  choice: SchemeChoice,
  signal: AbortSignal,
): Promise<Suspect> {
  let tokenizer: ModelTokenizer | undefined;
  const open: OpenTokenizer = async () => {
    tokenizer ??= await openTokenizer(chooseModel(flags));
    if (choice.profile !== undefined) checkProfileTokenizer(choice.profile, tokenizer.identity);
    return tokenizer;
  };
  const prompt = flags.prompt === undefined ? undefined : await readPrompt(flags.prompt, signal);
  if (flags.ids) return suspectIds(await readJson(file, "ids", signal), prompt, choice, open);
  const text = await readText(file, signal);
  if (text === "") throw new TokenmarkError("empty-text", `${file}: wanted a text, got an empty one`);
  return suspectText(text, prompt, await open());
}
