import type { AnySchemeConfig } from "@tokenmark/core";
import type { StudentAudit } from "./audit-student.ts";
import type { RemovalName } from "./removal.ts";

/** One student with its audit. */
export interface StudentRow extends StudentAudit {
  readonly label: string;
  readonly share: number;
  readonly answers: number;
  readonly student: string;
  readonly seed: string;
  /** 1: trained on the teacher's answers; 2 and more: on those of the student before. */
  readonly round: number;
}

/** A student of fully marked answers after the copier tried to be rid of the mark. */
export interface RemovalRow extends StudentAudit {
  readonly label: string;
  readonly removal: RemovalName;
  readonly seed: string;
}

/** A clean student, audited under a key of its own on transcripts marked with that key. */
export interface ControlRow {
  readonly label: string;
  readonly student: string;
  readonly control: number;
  readonly tokensScored: number;
  readonly pValue: number;
  readonly log10PValue: number;
}

/** A student that could not be trained or audited: shown, never dropped. */
export interface FailedStudent {
  readonly what: string;
  readonly reason: string;
}

/** Everything one distillation run measured; reports are made from this alone. */
export interface DistillResults {
  readonly benchmark: "distill";
  readonly format: 1;
  readonly run: string;
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: string;
  readonly teacher: { readonly name: string; readonly tokenizerSha256: string };
  readonly settings: {
    readonly answerTokens: number;
    readonly temperature: number;
    readonly seeds: readonly string[];
    readonly controlTranscripts: number;
    readonly wrongKeys: number;
  };
  readonly schemes: readonly { readonly label: string; readonly config: AnySchemeConfig }[];
  readonly students: readonly StudentRow[];
  readonly removals: readonly RemovalRow[];
  readonly controls: readonly ControlRow[];
  readonly failed: readonly FailedStudent[];
}
