import { type EngineSecret, Key, type Trap } from "@tokenmark/core";
import type { EngineText } from "../../contract.ts";
import { vocabularyWidths } from "../unigram/vocabulary-widths.ts";
import { type KgwSetting, kgwListScheme } from "./list-scheme.ts";

/** How a code base names what can be mistaken, and its key. */
export interface KgwNames {
  readonly vocabSize: string;
  readonly gamma: string;
  /** The parameter of the context width; null where there is none to be mistaken about. */
  readonly width: string | null;
  /** The same setting under another key. */
  readonly withKey: (key: string) => { readonly setting: KgwSetting; readonly secret: EngineSecret };
  readonly key: string;
  /** The key that everybody has who sets none; null if there is none to try. */
  readonly defaultKey: string | null;
}

/** The mistakes that are made with marks of the KGW family: another vocabulary, width or share, the tail for the head, the default key. */
export function kgwTraps(name: string, setting: KgwSetting, text: EngineText, names: KgwNames): readonly Trap[] {
  const { vocabSize, gamma, contextWidth } = setting;
  const usable = (width: number, share: number): boolean => {
    const size = Math.trunc(width * share);
    return size >= 1 && size < width;
  };
  const widths = vocabularyWidths(vocabSize, text, 5).filter((width) => usable(width, gamma));
  const traps: Trap[] = widths.map((width) => ({
    code: "vocab-width",
    advice: `The lists were drawn over ${width} tokens, not ${vocabSize}: set ${names.vocabSize} to the width the generator had.`,
    actual: { [names.vocabSize]: width },
    scheme: kgwListScheme(name, { ...setting, vocabSize: width }),
  }));
  for (const tokens of [text.tokens, text.prompt ?? []]) {
    for (let i = 0; i < tokens.length; i++) if (tokens[i]! >= vocabSize) return traps;
  }
  if (names.width !== null) {
    for (const width of [contextWidth + 1, contextWidth - 1].filter((value) => value >= 1)) {
      traps.push({
        code: "context-width-mismatch",
        advice: `The context has ${width} tokens, not ${contextWidth}: set ${names.width}.`,
        actual: { [names.width]: width },
        scheme: kgwListScheme(name, { ...setting, contextWidth: width, reads: width }),
      });
    }
  }
  for (const share of [0.25, 0.5].filter((value) => value !== gamma && usable(vocabSize, value))) {
    traps.push({
      code: "gamma-mismatch",
      advice: `The lists hold a share ${share} of the vocabulary, not ${gamma}: set ${names.gamma}.`,
      actual: { [names.gamma]: share },
      scheme: kgwListScheme(name, { ...setting, gamma: share }),
    });
  }
  if (names.defaultKey !== null && names.key !== names.defaultKey) {
    const { setting: other, secret } = names.withKey(names.defaultKey);
    traps.push({
      code: "default-key",
      advice: "The text carries the mark of the default key: nobody ever set one, so anybody can read and forge it.",
      actual: { [Object.keys(secret)[0]!]: "a public default" },
      scheme: kgwListScheme(name, other),
      key: Key.fromEngine(secret),
    });
  }
  return traps;
}
