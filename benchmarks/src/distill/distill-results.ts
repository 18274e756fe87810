import type { AnySchemeConfig } from "@tokenmark/core";
import type { KeyTrace } from "@tokenmark/radioactivity";
import type { StudentAudit } from "./audit-student.ts";
import type { StudentSpec } from "./distill-config.ts";
import type { RemovalName } from "./removal.ts";
import type { SignedTest } from "./signed-test.ts";

/** One student with its audit. */
export interface StudentRow extends StudentAudit {
  readonly label: string;
  /** Of the teacher's answers. */
  readonly temperature: number;
  readonly share: number;
  readonly answers: number;
  readonly student: string;
  readonly seed: string;
  /** Its folder, in `students` of the work folder; results of before it was kept lack it. */
  readonly folder?: string;
  /** 1: trained on the first answers; 2 and more: further, on answers to what it wrote itself after the round before. */
  readonly round: number;
}

/** A student of fully marked answers after the copier tried to be rid of the mark. */
export interface RemovalRow extends StudentAudit {
  readonly label: string;
  readonly removal: RemovalName;
  /** Nats that neutralisation takes; null for the others. */
  readonly strength: number | null;
  readonly seed: string;
  /** As of a {@link StudentRow}. */
  readonly folder?: string;
}

/** A clean student, audited under a key of its own on transcripts marked with that key. */
export interface ControlRow {
  readonly label: string;
  readonly student: string;
  readonly control: number;
  readonly tokensScored: number;
  readonly pValue: number;
  /** With ties of a discrete law broken at random: what is compared with uniform. */
  readonly randomisedPValue: number;
  readonly log10PValue: number;
}

/** A student of answers that were marked to outlive neutralisation, after so much of it. */
export interface DefenceRow {
  readonly label: string;
  readonly seed: string;
  /** `clean`: trained on unmarked answers to the same prompts, and audited alike. */
  readonly student: "marked" | "clean";
  /** Nats that neutralisation takes; 0: none of it. */
  readonly strength: number;
  readonly heldOutLoss: number;
  /** Nats a token of the teacher's marked and unmarked answers under its own unmarked law: what the mark costs. */
  readonly teacherLoss: number;
  readonly unmarkedLoss: number;
  readonly test: SignedTest;
}

/** Who of all registered customers is named. */
export interface TracingRow {
  readonly label: string;
  readonly seed: string;
  /** `clean`: trained on unmarked answers. */
  readonly student: "marked" | "clean";
  /** Ids of those whose answers it was trained on, half each. */
  readonly customers: readonly number[];
  /** `unmarked`: one text for all keys, unmarked answers to the same prompts. `own`: for each key what its customer was sent. */
  readonly read: "unmarked" | "own";
  /** Its folder, in `students` of the work folder. */
  readonly folder: string;
  readonly trace: KeyTrace;
}

/** A student that could not be trained or audited: shown, never dropped. */
export interface FailedStudent {
  readonly what: string;
  readonly reason: string;
}

/** A file that answers were taken from. */
export interface GivenDataset {
  readonly label: string;
  readonly file: string;
  readonly sha256: string;
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
    readonly temperatures: readonly number[];
    readonly seeds: readonly string[];
    readonly controlTranscripts: number;
    readonly wrongKeys: number;
    /** At which students wrote for closed mode; results of before it was kept lack it: .8. */
    readonly closedTemperature?: number;
    /** Where prompts came from; results of before it was kept lack these. */
    readonly prompts?: { readonly name: string; readonly sha256: string | null };
    /** Answers that were given in files instead of asked for, by label. */
    readonly datasets?: readonly GivenDataset[];
    readonly students?: readonly StudentSpec[];
  };
  readonly schemes: readonly { readonly label: string; readonly config: AnySchemeConfig }[];
  readonly students: readonly StudentRow[];
  readonly removals: readonly RemovalRow[];
  readonly defences: readonly DefenceRow[];
  readonly tracing: readonly TracingRow[];
  readonly controls: readonly ControlRow[];
  readonly failed: readonly FailedStudent[];
}
