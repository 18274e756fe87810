import type { Attack, AttackResources } from "./attack.ts";
import { checkStrength } from "./check-strength.ts";
import type { Random } from "./draws.ts";

/** Changes one text; drawn once per text, never called for an empty one. */
export type TextEdit = (text: string, random: Random) => string;

/** An attack on characters alone: what is its own. */
export interface TextAttackParts extends Pick<Attack, "name" | "summary" | "strengthMeans"> {
  /** Called once per {@link Attack.apply}, with a strength above 0, so that what every text needs is made once. */
  prepare(strength: number, resources: AttackResources): TextEdit | Promise<TextEdit>;
}

/**
 * An {@link Attack} from the edit of one text: checks the strength, and gives every text back unchanged at strength 0.
 */
export function defineTextAttack({ name, summary, strengthMeans, prepare }: TextAttackParts): Attack {
  return Object.freeze({
    name,
    summary,
    strengthMeans,
    apply(texts, strength, resources) {
      checkStrength(name, strength);
      if (strength === 0) return texts.map(({ text }) => text);
      const edit = prepare(strength, resources);
      const editAll = (one: TextEdit): readonly string[] =>
        texts.map(({ text, random }) => (text === "" ? "" : one(text, random)));
      return typeof edit === "function" ? editAll(edit) : edit.then(editAll);
    },
  } satisfies Attack);
}
