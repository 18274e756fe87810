import type { TextModel } from "../models/text-model.ts";

/** A text that is to be attacked. */
export interface AttackedText {
  readonly text: string;
  /** What the text continues; an attack never changes it. */
  readonly prompt: string;
  /** Everything an attack draws comes from here, so that a seed repeats it. Uniform on [0, 1). */
  readonly random: () => number;
}

/** What attacks work with besides the texts. */
export interface AttackResources {
  /** A model that writes without a mark: for re-sampling and, where it can, paraphrase. */
  readonly writer: TextModel;
  /** Text by people, in the register of the suite: pieces of it surround copied text and fill what is inserted. */
  readonly humanText: string;
  /** A model that follows instructions, where the user named one. */
  readonly paraphraser: Paraphraser | null;
}

/** Rewrites passages in other words. */
export interface Paraphraser {
  readonly name: string;
  rewrite(passages: readonly string[], seeds: readonly string[]): Promise<readonly string[]>;
}

/**
 * Something that a copier does to a text in the hope that the mark is lost, with a strength from 0 (every text stays as it is, to the
 * character) to 1.
 *
 * @example
 * const attack = findAttack("delete", textAttacks);
 * const [edited] = await attack.apply([{ text, prompt: "", random: seedrandom("1") }], 0.3, resources);
 */
export interface Attack {
  /** Name in configs and reports. */
  readonly name: string;
  /** One sentence: what is done. */
  readonly summary: string;
  /** What the strength is the share of, such as "words deleted". */
  readonly strengthMeans: string;
  /** A sentence on what has to be installed or named before this attack can run; null if all is there. */
  missing?(resources: AttackResources): Promise<string | null>;
  /** The program or model that it works with, with its version: what it does depends on that too. Null if that cannot be told. */
  tool?(resources: Pick<AttackResources, "paraphraser">): Promise<string | null>;
  /**
   * The attacked texts, one a text given, in its order.
   *
   * @throws TokenmarkError `bad-argument` for a strength outside [0, 1].
   */
  apply(
    texts: readonly AttackedText[],
    strength: number,
    resources: AttackResources,
  ): readonly string[] | Promise<readonly string[]>;
}
