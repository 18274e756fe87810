import {
  createScheme,
  defaultSchemeConfig,
  Key,
  type SchemeName,
  schemeNames,
  type WatermarkScheme,
} from "@tokenmark/core";
import { type Detection, detectText } from "@tokenmark/detector";
import type { Generator } from "@tokenmark/transformers";
import { given } from "../given.ts";
import { seededKey } from "../seeded-key.ts";
import { deleteWords } from "./delete-words.ts";

/** Share of words that the demo deletes. */
export const DELETED_SHARE = 0.1;

/** One scheme's part of the demo. */
export interface Trial {
  readonly name: SchemeName;
  readonly scheme: WatermarkScheme;
  readonly text: string;
  readonly marked: Detection;
  readonly edited: Detection;
  readonly wrongKey: Detection;
  readonly unmarked: Detection;
}

/** All that the demo shows. */
export interface DemoRun {
  readonly unmarkedText: string;
  readonly trials: readonly Trial[];
}

/** Writes the passages and tests them. With a seed, everything including the keys follows from it. */
export async function runDemo(
  generator: Generator,
  prompt: string,
  options: {
    readonly seed: string | undefined;
    readonly maxTokens: number;
    readonly signal: AbortSignal;
    readonly onStep: (what: string) => void;
  },
): Promise<DemoRun> {
  const { seed, maxTokens, signal, onStep } = options;
  const keyFor = (purpose: string): Key => (seed === undefined ? Key.random() : seededKey(`demo/${purpose}`, seed));

  async function write(name: string, scheme: WatermarkScheme | null): Promise<string> {
    onStep(name);
    const seedOf = seed === undefined ? undefined : `${seed}/${name}`;
    const settings = { scheme, signal, maxTokens, endTokens: [], ...given({ seed: seedOf }) };
    return (await generator.generate(prompt, settings)).text;
  }

  const unmarkedText = await write("none", null);
  const trials: Trial[] = [];
  for (const name of schemeNames) {
    const config = defaultSchemeConfig(name);
    const scheme = createScheme(config, keyFor(name));
    const other = createScheme(config, keyFor(`${name}/wrong`));
    const text = await write(name, scheme);
    const test = (tested: string, under: WatermarkScheme): Detection => detectText(under, tested, generator.tokenizer);
    trials.push({
      name,
      scheme,
      text,
      marked: test(text, scheme),
      edited: test(deleteWords(text, DELETED_SHARE, seed ?? "demo"), scheme),
      wrongKey: test(text, other),
      unmarked: test(unmarkedText, scheme),
    });
  }
  return { unmarkedText, trials };
}
