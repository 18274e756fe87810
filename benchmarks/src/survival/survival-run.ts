import type { Attack, Paraphraser } from "../attacks/attack.ts";
import type { PromptSet } from "./prompt-set.ts";
import type { SurvivalConfig } from "./survival-config.ts";
import type { WorkFolder } from "./work-folder.ts";

/** Options of `runSurvival`. */
export interface SurvivalOptions {
  /** Where values are kept as they are computed; the next run with the same folder goes on from there. */
  readonly workFolder: string;
  readonly attacks: readonly Attack[];
  /** @defaultValue null: the paraphrase attack is skipped, and says so */
  readonly paraphraser?: Paraphraser | null;
  /** Told of every step. */
  readonly onProgress?: (progress: SurvivalProgress) => void;
  /** Told what the user should know: a damaged file that is made again. */
  readonly onNote?: (note: string) => void;
}

/** How far a run is. */
export interface SurvivalProgress {
  readonly what: string;
  /** Steps done of all; a step is a cell, one scheme's texts, or one row of another table. */
  readonly done: number;
  readonly total: number;
}

/** What the parts of a run share. */
export interface SurvivalRun {
  readonly config: SurvivalConfig;
  readonly options: SurvivalOptions;
  readonly work: WorkFolder;
  readonly promptSet: PromptSet;
  readonly humanText: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly step: (what: string) => void;
}
