import type { WatermarkScheme } from "@tokenmark/core";
import type { AuditControl } from "./audit-control.ts";
import type { PlannedTest } from "./planned-test.ts";
import type { Predictions } from "./read-predictions.ts";
import type { Transcript } from "./transcript.ts";

/** What was got from one model: predictions along the transcripts, answers of its own, or both. */
export interface ModelEvidence {
  readonly name: string;
  /** For open mode: `readPredictions` of each transcript. */
  readonly predictions?: readonly Predictions[];
  /** For closed mode: what it wrote. */
  readonly answers?: readonly Transcript[];
  /** True where the ids of `answers` were made from their text with the mark's tokenizer. @defaultValue false */
  readonly retokenised?: boolean;
  /** True where `answers` were not asked for here: temperature and prompts are as whoever collected them says. @defaultValue false */
  readonly collected?: boolean;
}

/** What `runAudit` works on. */
export interface AuditEvidence {
  readonly transcripts: readonly Transcript[];
  /** Digest of the tokenizer that all ids belong to. */
  readonly tokenizerSha256: string;
  readonly suspect: ModelEvidence;
  readonly controls?: readonly (ModelEvidence & { readonly role: AuditControl["role"] })[];
  /** The scheme of a test under its key. */
  readonly schemeOf: (test: PlannedTest) => WatermarkScheme;
  /** The scheme of a test under wrong key i, drawn as the true one was. */
  readonly wrongSchemeOf: (test: PlannedTest, i: number) => WatermarkScheme;
}
