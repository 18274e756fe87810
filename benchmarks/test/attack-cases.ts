import { readFileSync } from "node:fs";
import seedrandom from "seedrandom";
import type { Attack, AttackResources } from "../src/attacks/attack.ts";
import { findAttack } from "../src/attacks/find-attack.ts";
import { textAttacks } from "../src/attacks/text-attacks.ts";
import { splitWords } from "../src/attacks/worded-text.ts";
import type { TextModel } from "../src/models/text-model.ts";

export const HUMAN = readFileSync(
  new URL("../../packages/demo-model/evaluation/held-out.txt", import.meta.url),
  "utf8",
);
/** Text by people stands for marked text; what surrounds it in copy-paste comes from elsewhere. */
export const TEXT = HUMAN.slice(HUMAN.length - 9000);
/** Sentences whose ends do not hang on what follows them. */
export const SENTENCES = Array.from({ length: 60 }, (_, i) => `Sentence ${i} says "this" and “that”.`);
export const WORDS = splitWords(TEXT).words;
export const resources: AttackResources = {
  humanText: HUMAN.slice(0, HUMAN.length - 9000),
  paraphraser: null,
  // Attacks on characters never ask a model.
  writer: new Proxy({} as TextModel, {
    get: (_, name) => {
      throw new Error(`a text attack asked the model for ${String(name)}`);
    },
  }),
};

export const ODD_TEXTS = [
  "",
  " ",
  " \n\t\u00a0\n",
  "word",
  "  Two words  \n",
  "👩‍👩‍👧‍👦 and 🇨🇭🇧🇪 met 👍🏽! \u{1d400}\u{1d401}\u{1d402}, \u{20000}\u{20001}.",
  "e\u0301te\u0301 na\u0308\u0323ive Z\u0351\u036b\u0343a\u0322lgo",
  "\u0301 a mark that stands alone",
  "مرحبا بالعالم، كيف حالك؟ هذا نص.",
  "今天天气很好。我们去公园吧！你觉得怎么样？",
  "नमस्ते दुनिया। यह एक वाक्य है।",
  "각각의 한국어 문장입니다. 감사합니다.",
  "ﬁne “quotes” — and ‘more’… 1½ ＦＵＬＬ\r\n\r\nnext paragraph",
  "İstanbul straße ǆ ŉ",
];

/** One text after an attack. */
export async function attacked(attack: Attack, text: string, strength: number, seed = "1"): Promise<string> {
  const [result] = await attack.apply([{ text, prompt: "A prompt", random: seedrandom(seed) }], strength, resources);
  return result!;
}

export const named = (name: string): Attack => findAttack(name, textAttacks);
export const copyPasteNames = ["copy-paste-1", "copy-paste-3", "copy-paste-5"];
export const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
/** How many items of a list another of the same length has changed. */
export const changed = (before: readonly string[], after: readonly string[]): number =>
  before.filter((item, i) => item !== after[i]).length;
