import type { TextModel } from "../models/text-model.ts";
import type { WorkFolder } from "../survival/work-folder.ts";
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
  readonly failed: FailedStudent[];
}
