import type { TokenId, WatermarkScheme } from "@tokenmark/core";
import type { TextModel, WriteRequest, WrittenText } from "../models/text-model.ts";
import type { SchemeMaker } from "./scheme-maker.ts";
import type { SurvivalConfig } from "./survival-config.ts";

/** Texts of one model, scheme and seed; all cells of the suite share them. */
export interface WrittenTexts {
  /** Text i, of the suite's greatest length, under key `text/i`. */
  readonly texts: readonly StoredText[];
  /** Answers by prompt, all under one key: what diversity is measured on. */
  readonly answers: readonly (readonly StoredText[])[];
}

/** A text as it is kept. */
export interface StoredText {
  readonly prompt: string;
  readonly promptTokens: readonly TokenId[];
  readonly tokens: readonly TokenId[];
}

/** What the texts depend on besides model and scheme. */
export type TextSettings = Pick<SurvivalConfig, "sampling" | "lengths" | "texts" | "diversity">;

/** The name of text i's key. */
export const textKey = (seed: string, i: number): string => `${seed}/text/${i}`;

/**
 * Writes the texts of one scheme (null: unmarked). Draws and keys follow from the seed; batches are always the same,
 * so that a run that goes on writes what one in a piece would.
 */
export async function writeTexts(
  model: TextModel,
  maker: SchemeMaker | null,
  prompts: readonly string[],
  seed: string,
  settings: TextSettings,
): Promise<WrittenTexts> {
  const { sampling, lengths, texts, diversity } = settings;
  const label = maker?.label ?? "unmarked";
  const requests = Array.from(
    { length: texts },
    (_, i): WriteRequest => ({
      prompt: prompts[i % prompts.length]!,
      scheme: maker?.create(textKey(seed, i)) ?? null,
      seed: `${seed}/${label}/${i}`,
    }),
  );
  const maxTokens = Math.max(...lengths);
  const written = await model.write(requests, { ...sampling, maxTokens });

  const answers: StoredText[][] = [];
  for (let p = 0; p < diversity.prompts; p++) {
    const prompt = prompts[p % prompts.length]!;
    const scheme: WatermarkScheme | null = maker?.create(`${seed}/diversity/${p}`) ?? null;
    const asked = Array.from(
      { length: diversity.answers },
      (_, a): WriteRequest => ({
        prompt,
        scheme,
        seed: `${seed}/${label}/diversity/${p}/${a}`,
      }),
    );
    const given = await model.write(asked, { ...sampling, maxTokens: diversity.tokens });
    answers.push(given.map((text) => stored(text, prompt)));
  }
  return { texts: written.map((text, i) => stored(text, requests[i]!.prompt)), answers };
}

const stored = ({ tokens, promptTokens }: WrittenText, prompt: string): StoredText => ({
  prompt,
  promptTokens: [...promptTokens],
  tokens: [...tokens],
});
