import { basename } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import {
  type AuditPlan,
  encodeAnswers,
  type ModelEvidence,
  type Predictions,
  readPredictions,
  type TranscriptRecord,
} from "@tokenmark/radioactivity";
import type { Generator, ModelTokenizer } from "@tokenmark/transformers";
import { chooseModel, openTokenizer } from "../model-choice.ts";
import { closedPrompts } from "./closed-prompts.ts";
import type { NamedModels } from "./evidence-digest.ts";

/** What evidence is made with. */
export interface EvidenceSetting {
  readonly plan: AuditPlan;
  readonly transcripts: readonly TranscriptRecord[];
  /** The mark's; null if it is not at hand. */
  readonly tokenizer: ModelTokenizer | null;
  readonly signal: AbortSignal;
  readonly onStep: (what: string) => void;
}

/** Answers that are asked for together. */
const BATCH = 16;

/** Whether a plan looks at predictions, and whether at what a model writes. */
export function wantedOf({ tests }: AuditPlan): { readonly open: boolean; readonly closed: boolean } {
  return { open: tests.some(({ mode }) => mode === "open"), closed: tests.some(({ mode }) => mode !== "open") };
}

/**
 * The mark's tokenizer, for text whose ids are not the mark's.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function requireTokenizer(tokenizer: ModelTokenizer | null, forWhat: string): ModelTokenizer {
  if (tokenizer !== null) return tokenizer;
  throw new TokenmarkError(
    "bad-argument",
    `--tokenizer: wanted the folder of the mark's tokenizer ${forWhat}, got none`,
  );
}

/** Refuses a model whose predictions are ids of another tokenizer than the transcripts'; a trace has no other mode to advise. */
export function refuseForeign(name: string, use: "open mode" | "trace"): never {
  const [where, advice] =
    use === "trace"
      ? ["", ""]
      : [
          " for open mode",
          "; plan --mode closed alone, which encodes its text with the mark's tokenizer (--tokenizer DIR)",
        ];
  throw new TokenmarkError(
    "bad-argument",
    `model ${name}: wanted the tokenizer that the transcripts' ids belong to${where}, got another, whose predictions cannot be scored${advice}`,
  );
}

/**
 * Refuses models whose predictions could not be scored, before any is loaded.
 *
 * @throws TokenmarkError `bad-argument`, and what loading a tokenizer throws.
 */
export async function checkTokenizers(
  sha256: string,
  { model, base, clean = [] }: NamedModels,
  use: "open mode" | "trace",
): Promise<void> {
  for (const folder of [model, base, ...clean]) {
    if (folder === undefined) continue;
    const { identity } = await openTokenizer(chooseModel({ model: folder }));
    if (identity.sha256 !== sha256) refuseForeign(basename(folder), use);
  }
}

/**
 * What a plan wants of a model: its predictions along the transcripts, its own answers, or both. The text of a model with another tokenizer
 * than the mark's is encoded with the mark's; its predictions are no units at all.
 *
 * @throws TokenmarkError `bad-argument`, and what generating throws.
 */
export async function modelEvidence(
  name: string,
  generator: Generator,
  setting: EvidenceSetting,
): Promise<ModelEvidence> {
  const { plan, tokenizer } = setting;
  const { open, closed } = wantedOf(plan);
  const isForeign = generator.identity.sha256 !== plan.tokenizerSha256;
  if (isForeign && open) refuseForeign(name, "open mode");
  const markTokenizer = isForeign
    ? requireTokenizer(tokenizer, `to encode the text of ${name}, which has another`)
    : undefined;
  return {
    name,
    ...(open ? { predictions: await readAll(name, generator, setting) } : {}),
    ...(closed ? await writeAnswers(name, generator, setting, markTokenizer) : {}),
  };
}

/** Its predictions along transcripts. */
export async function readAll(
  name: string,
  generator: Generator,
  { transcripts, signal, onStep }: Pick<EvidenceSetting, "transcripts" | "signal" | "onStep">,
): Promise<Predictions[]> {
  const predictions: Predictions[] = [];
  for (const transcript of transcripts) {
    signal.throwIfAborted();
    predictions.push(await readPredictions(generator.reader, transcript));
    onStep(`${name}: read ${predictions.length} of ${transcripts.length} transcripts`);
  }
  return predictions;
}

/** Answers as the model's own ids, or encoded anew if a tokenizer is given. */
async function writeAnswers(
  name: string,
  generator: Generator,
  { plan, transcripts, signal, onStep }: EvidenceSetting,
  markTokenizer: ModelTokenizer | undefined,
): Promise<Pick<ModelEvidence, "answers" | "retokenised">> {
  const { tokens: maxTokens, temperature } = plan.closed;
  const prompts = closedPrompts(plan, transcripts);
  const written = [];
  for (let from = 0; from < prompts.length; from += BATCH) {
    const rows = prompts.slice(from, from + BATCH);
    const texts = rows.map(({ promptText }) => promptText);
    const seed = rows.map((row) => row.seed);
    written.push(...(await generator.generate(texts, { scheme: null, maxTokens, temperature, seed, signal })));
    onStep(`${name}: wrote ${written.length} of ${prompts.length} answers`);
  }
  if (markTokenizer === undefined) {
    return { answers: written.map(({ promptTokens, tokens }) => ({ prompt: promptTokens, tokens })) };
  }
  const texts = written.map(({ text }, i) => ({ promptText: prompts[i]!.promptText, text }));
  return { answers: encodeAnswers(texts, markTokenizer), retokenised: true };
}
