import { Key, type Trap } from "@tokenmark/core";
import type { EngineText } from "../../contract.ts";
import { type UnigramSetting, unigramScheme } from "./unigram-scheme.ts";
import { vocabularyWidths } from "./vocabulary-widths.ts";

/** How one code base names its fields. */
export interface UnigramNames {
  readonly contract: string;
  readonly fraction: string;
  readonly vocabSize: string;
  readonly key: string;
}

/** The public default keys of the two code bases, and 42, which people set. */
const DEFAULT_KEYS: readonly bigint[] = [0n, 15485863n, 42n];

/** Other readings of a Unigram text: another vocabulary width, another share, a default key that was never changed. */
export function unigramTraps(names: UnigramNames, setting: UnigramSetting, text: EngineText): readonly Trap[] {
  const { key, fraction, vocabSize } = setting;
  const candidates = vocabularyWidths(vocabSize, text, 5).filter((width) => usable(width, fraction));
  const widths = candidates.map(
    (width): Trap => ({
      code: "vocab-width",
      advice: `The list was drawn over ${width} tokens, not ${vocabSize}: set ${names.vocabSize} to the width the generator had.`,
      actual: { [names.vocabSize]: width },
      scheme: unigramScheme(names.contract, { ...setting, vocabSize: width }),
    }),
  );
  if (vocabularyFits(vocabSize, text)) {
    const keys = DEFAULT_KEYS.filter((other) => other !== key).map(
      (other): Trap => ({
        code: "default-key",
        advice: `The text carries the mark of a default key: the deployer never set ${names.key}, so anybody can read and forge it.`,
        actual: { [names.key]: "a public default" },
        scheme: unigramScheme(names.contract, { ...setting, key: other }),
        key: Key.fromEngine({ [names.key]: other.toString() }),
      }),
    );
    const shares = [0.25, 0.5]
      .filter((other) => other !== fraction && usable(vocabSize, other))
      .map(
        (other): Trap => ({
          code: "gamma-mismatch",
          advice: `The list holds a share ${other} of the vocabulary, not ${fraction}: set ${names.fraction}.`,
          actual: { [names.fraction]: other },
          scheme: unigramScheme(names.contract, { ...setting, fraction: other }),
        }),
      );
    return [...widths, ...shares, ...keys];
  }
  return widths;
}

function usable(vocabSize: number, fraction: number): boolean {
  return Math.trunc(vocabSize * fraction) >= 1;
}

function vocabularyFits(vocabSize: number, text: EngineText): boolean {
  for (let i = 0; i < text.tokens.length; i++) if (text.tokens[i]! >= vocabSize) return false;
  return true;
}
