import { apertiumModes, apertiumTranslate, apertiumVersion } from "./apertium.ts";
import type { Attack, AttackedText } from "./attack.ts";
import { checkStrength } from "./check-strength.ts";
import { drawIndices, shareOf } from "./draws.ts";
import { joinSentences, splitSentences } from "./sentences.ts";

/** Where a round trip goes. */
export interface RoundTripOptions {
  readonly name: string;
  /** The languages in words, such as "Spanish". */
  readonly through: string;
  /** Modes of apertium, one after the other. */
  readonly modes: readonly string[];
  /** Debian packages that carry them. */
  readonly packages: readonly string[];
}

/** Machine translation there and back, by rules (Forcada et al. 2011, Apertium): a real paraphrase that needs no model. */
export function roundTrip({ name, through, modes, packages }: RoundTripOptions): Attack {
  return Object.freeze({
    name,
    summary: `translates sentences into ${through} and back with apertium`,
    strengthMeans: "sentences translated",
    async missing(): Promise<string | null> {
      const installed = await apertiumModes();
      const advice = `install it: apt-get install ${["apertium", ...packages].join(" ")}`;
      if (installed === null) return `apertium is not installed; ${advice}`;
      const lacking = modes.filter((mode) => !installed.has(mode));
      return lacking.length === 0 ? null : `apertium has no mode ${lacking.join(", ")}; ${advice}`;
    },
    tool: apertiumVersion,
    async apply(texts: readonly AttackedText[], strength: number): Promise<readonly string[]> {
      checkStrength(name, strength);
      const cut = texts.map(({ text }) => splitSentences(text));
      const chosen = cut.flatMap(({ sentences }, row) => {
        const able = sentences.flatMap((sentence, i) => (/\p{L}/u.test(sentence) ? [i] : []));
        return drawIndices(able.length, shareOf(strength, able.length), texts[row]!.random).map((k) => ({
          row,
          at: able[k]!,
        }));
      });
      let lines = chosen.map(({ row, at }) => cut[row]!.sentences[at]!);
      for (const mode of modes) lines = await apertiumTranslate(mode, lines);
      const translated = cut.map(({ sentences }) => [...sentences]);
      chosen.forEach(({ row, at }, i) => {
        // A lone article may have no translation; a sentence is never lost.
        if (lines[i] !== "") translated[row]![at] = lines[i]!;
      });
      return cut.map(({ gaps }, row) => joinSentences({ sentences: translated[row]!, gaps }));
    },
  });
}
