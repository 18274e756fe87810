import type { Attack, AttackedText, AttackResources } from "./attack.ts";
import { checkStrength } from "./check-strength.ts";

/** What an attack does to one text at a strength above 0. */
export type TextEdit = (text: string, strength: number, random: () => number, resources: AttackResources) => string;

/** Makes an attack of a function that edits one text. */
export function textAttack(name: string, summary: string, strengthMeans: string, edit: TextEdit): Attack {
  return Object.freeze({
    name,
    summary,
    strengthMeans,
    apply(texts: readonly AttackedText[], strength: number, resources: AttackResources): readonly string[] {
      checkStrength(name, strength);
      return texts.map(({ text, random }) => (strength === 0 ? text : edit(text, strength, random, resources)));
    },
  });
}
