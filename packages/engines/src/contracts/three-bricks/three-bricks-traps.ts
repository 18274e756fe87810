import { Key, type Trap } from "@tokenmark/core";
import type { EngineText } from "../../contract.ts";
import { vocabularyWidths } from "../unigram/vocabulary-widths.ts";
import type { ThreeBricksSetting } from "./three-bricks-draws.ts";

const DEFAULT_SEED = 0n;
const DEFAULT_SALT = 35317n;
/** Other messages that are tried. */
const PAYLOADS = 4;

/** Other readings that both methods share: window, message, width, a default key that was never changed. */
export function threeBricksTraps(
  setting: ThreeBricksSetting,
  text: EngineText,
  scheme: (change: Partial<ThreeBricksSetting>) => Trap["scheme"],
  usable: (vocabSize: number) => boolean = () => true,
): readonly Trap[] {
  const { seed, saltKey, ngram, vocabSize, payload } = setting;
  const widths = vocabularyWidths(vocabSize, text, 4)
    .filter((width) => width > Math.max(1, payload) && usable(width))
    .map(
      (width): Trap => ({
        code: "vocab-width",
        advice: `Lists or uniforms were drawn over ${width} tokens, not ${vocabSize}: the tokenizer's size and the width of the logits differ.`,
        actual: { vocab_size: width },
        scheme: scheme({ vocabSize: width }),
      }),
    );
  for (const tokens of [text.tokens, text.prompt ?? []]) {
    for (let i = 0; i < tokens.length; i++) if (tokens[i]! >= vocabSize) return widths;
  }
  const windows = [ngram + 1, ngram - 1, 1, 4]
    .filter((width, i, all) => width >= 1 && width !== ngram && all.indexOf(width) === i)
    .map(
      (width): Trap => ({
        code: "context-width-mismatch",
        advice: `The window has ${width} tokens, not ${ngram}: set ngram.`,
        actual: { ngram: width },
        scheme: scheme({ ngram: width }),
      }),
    );
  const payloads = Array.from({ length: PAYLOADS + 1 }, (_, message) => message)
    .filter((message) => message !== payload && message < vocabSize)
    .slice(0, PAYLOADS)
    .map(
      (message): Trap => ({
        code: "payload-mismatch",
        advice: `The text carries the message ${message}, not ${payload}: set payload.`,
        actual: { payload: message },
        scheme: scheme({ payload: message }),
      }),
    );
  const keys: readonly Trap[] =
    seed === DEFAULT_SEED && saltKey === DEFAULT_SALT
      ? []
      : [
          {
            code: "default-key",
            advice:
              "The text carries the mark of the default seed and salt_key: the deployer never set them, so anybody can read and forge it.",
            actual: { seed: "a public default", salt_key: "a public default" },
            scheme: scheme({ seed: DEFAULT_SEED, saltKey: DEFAULT_SALT }),
            key: Key.fromEngine({ seed: DEFAULT_SEED.toString(), salt_key: DEFAULT_SALT.toString() }),
          },
        ];
  return [...windows, ...payloads, ...widths, ...keys];
}
