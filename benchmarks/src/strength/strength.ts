import { createScheme, defaultSchemeConfig, Key, type SchemeName, schemeNames } from "@tokenmark/core";
import { prompts } from "@tokenmark/demo-model";
import { detectText, detectTokens } from "@tokenmark/detector";
import { clopperPearson } from "@tokenmark/stats";
import { createGenerator, type Generator } from "@tokenmark/transformers";
import seedrandom from "seedrandom";
import { median } from "../timing.ts";

/** Evidence of one scheme with its documented defaults; medians over texts, each under a key of its own. */
export interface StrengthRow {
  readonly scheme: SchemeName;
  readonly tokensScored: number;
  /** log10 p from the text, tokenised anew. */
  readonly fromText: number;
  /** log10 p from the token ids. */
  readonly fromIds: number;
  /** log10 p after a tenth of the words was deleted. */
  readonly edited: number;
  /** Of the texts, found at alpha 1e-6 from the text. */
  readonly found: number;
  /** Of unmarked texts under a fresh key each: how many have p ≤ .01, and the 95 % interval of that rate. */
  readonly falseAlarms: number;
  readonly falseAlarmRate: readonly [number, number];
}

/** What a run is repeated with. */
export interface StrengthSettings {
  readonly temperature: number;
  readonly topP: number;
  /** New tokens a text. */
  readonly tokens: number;
  /** Marked texts a scheme. */
  readonly texts: number;
  /** Unmarked texts, for false alarms. */
  readonly unmarkedTexts: number;
  readonly seed: string;
}

/** Everything one `tokenmark-bench strength` run measured. */
export interface StrengthReport extends StrengthSettings {
  readonly benchmark: "strength";
  readonly date: string;
  readonly model: string;
  readonly rows: readonly StrengthRow[];
}

/** Options of {@link measureStrength}. */
export interface StrengthOptions extends StrengthSettings {
  readonly model: { readonly folder: string; readonly dtype?: string; readonly name: string };
  /** Told of each step, for a progress line. */
  readonly onProgress?: (what: string) => void;
}

const BATCH = 16;

/** Deletes each word with probability a tenth. */
function deleteTenth(text: string, random: () => number): string {
  return text.replaceAll(/\S+\s*/g, (word) => (random() < 0.1 ? "" : word));
}

async function unmarkedTexts(generator: Generator, options: StrengthOptions): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < options.unmarkedTexts) {
    const from = texts.length;
    const batch = Array.from(
      { length: Math.min(BATCH, options.unmarkedTexts - from) },
      (_, i) => prompts[(from + i) % prompts.length]!,
    );
    const written = await generator.generate(batch, {
      scheme: null,
      maxTokens: options.tokens,
      temperature: options.temperature,
      topP: options.topP,
      endTokens: [],
      seed: batch.map((_, i) => `${options.seed}/unmarked/${from + i}`),
    });
    texts.push(...written.map(({ text }) => text));
    options.onProgress?.(`unmarked ${texts.length}/${options.unmarkedTexts}`);
  }
  return texts;
}

/** Writes marked and unmarked texts and tests them. Keys are derived from the seed, so a run can be repeated. */
export async function measureStrength(options: StrengthOptions): Promise<StrengthReport> {
  const { model, temperature, topP, tokens, texts, seed, onProgress } = options;
  const generator = await createGenerator(model.folder, model.dtype === undefined ? {} : { dtype: model.dtype });
  const random = seedrandom(`${seed}/keys`);
  const freshKey = (): Key =>
    Key.fromHex(Array.from({ length: 64 }, () => Math.floor(16 * random()).toString(16)).join(""));
  try {
    const unmarked = await unmarkedTexts(generator, options);
    const rows: StrengthRow[] = [];
    for (const name of schemeNames) {
      const [scored, fromText, fromIds, edited]: [number[], number[], number[], number[]] = [[], [], [], []];
      let found = 0;
      for (let i = 0; i < texts; i++) {
        const scheme = createScheme(defaultSchemeConfig(name), freshKey());
        const written = await generator.generate(prompts[i % prompts.length]!, {
          scheme,
          maxTokens: tokens,
          temperature,
          topP,
          endTokens: [],
          seed: `${seed}/${name}/${i}`,
        });
        const detection = detectText(scheme, written.text, generator.tokenizer);
        scored.push(detection.tokensScored);
        fromText.push(detection.log10PValue);
        found += +(detection.verdict === "marked");
        fromIds.push(detectTokens(scheme, written.tokens).log10PValue);
        edited.push(detectText(scheme, deleteTenth(written.text, random), generator.tokenizer).log10PValue);
      }
      const falseAlarms = unmarked.filter((text) => {
        const scheme = createScheme(defaultSchemeConfig(name), freshKey());
        return detectText(scheme, text, generator.tokenizer).log10PValue <= -2;
      }).length;
      const interval = clopperPearson(falseAlarms, unmarked.length, 0.95);
      rows.push({
        scheme: name,
        tokensScored: median(scored),
        fromText: median(fromText),
        fromIds: median(fromIds),
        edited: median(edited),
        found,
        falseAlarms,
        falseAlarmRate: [interval.lower, interval.upper],
      });
      onProgress?.(name);
    }
    const date = new Date().toISOString().slice(0, 10);
    const { unmarkedTexts: count } = options;
    return {
      benchmark: "strength",
      date,
      model: model.name,
      temperature,
      topP,
      tokens,
      texts,
      unmarkedTexts: count,
      seed,
      rows,
    };
  } finally {
    await generator.dispose();
  }
}
