import type { TextModel } from "../models/text-model.ts";
import type { WorkFolder } from "../survival/work-folder.ts";
import type { StoredText } from "../survival/written-texts.ts";
import type { DistillConfig } from "./distill-config.ts";
import type { FailedStudent } from "./distill-results.ts";

/** What the steps of a run share. */
export interface Bench {
  readonly config: DistillConfig;
  readonly teacher: TextModel;
  readonly work: WorkFolder;
  readonly folder: string;
  readonly about: Readonly<Record<string, unknown>>;
  readonly forPrompts: string;
  readonly heldOut: string;
  readonly step: (what: string) => void;
  readonly note: (what: string) => void;
  readonly failed: FailedStudent[];
}

export type Answers = readonly StoredText[];

/** How a model answers. */
export interface AnswerSettings {
  readonly temperature: number;
  readonly tokens: number;
  readonly seed: string;
}

/** How teachers answer: at the first of the config's temperatures where none is given. */
export function samplingOf({ config }: Pick<Bench, "config">, seed: string, temperature?: number): AnswerSettings {
  return { temperature: temperature ?? config.temperatures[0]!, tokens: config.answerTokens, seed };
}
