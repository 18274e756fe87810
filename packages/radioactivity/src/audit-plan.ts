import { type Profile, parseSchemeConfig, type SchemeRegistry, TokenmarkError } from "@tokenmark/core";
import type { AuditMode } from "./audit-mode.ts";
import { type AuditPilot, checkPilots } from "./audit-pilot.ts";
import { digestJson } from "./canonical-json.ts";
import { planFault } from "./plan-faults.ts";
import type { PlannedTest } from "./planned-test.ts";
import { checkTranscripts, type Transcript } from "./transcript.ts";
import { USUAL_WRONG_KEYS } from "./wrong-keys.ts";

/**
 * What is going to be tested, written down before the key is touched. Plain JSON data; holds no secret. All `tests` are corrected for
 * together (Holm 1979).
 */
export interface AuditPlan {
  readonly format: "tokenmark-audit-plan/1";
  /** In words, such as "model X was trained on answers of our API". */
  readonly hypothesis: string;
  readonly alpha: number;
  readonly tests: readonly PlannedTest[];
  /** The teacher's answers that the suspect is probed with. */
  readonly probe: { readonly sha256: string; readonly transcripts: number; readonly tokens: number };
  /** Digest of the tokenizer that the ids belong to. */
  readonly tokenizerSha256: string;
  readonly controls: {
    /** Keys that nobody wrote with, to test the tail. */
    readonly wrongKeys: number;
    /** Names of clean students that read the same transcripts under the right key: at least as many must run. */
    readonly cleanStudents: readonly string[];
    /** What the suspect is said to be made from, which must then run too; null if unknown. */
    readonly baseModel: string | null;
  };
  /** What the closed mode asks of the student. */
  readonly closed: {
    readonly answers: number;
    readonly tokens: number;
    readonly temperature: number;
    readonly seed: string;
  };
  /** What the audit has to be able to find before its silence counts; none: it never does. */
  readonly pilots?: readonly AuditPilot[];
  /** SHA-256 of everything above. */
  readonly digest: string;
}

/** What a plan is made of. */
export interface AuditPlanOptions {
  readonly hypothesis: string;
  /** @defaultValue 1e-6 */
  readonly alpha?: number;
  readonly tests: readonly PlannedTest[];
  readonly transcripts: readonly Transcript[];
  readonly tokenizerSha256: string;
  readonly controls?: Partial<AuditPlan["controls"]>;
  readonly closed?: Partial<AuditPlan["closed"]>;
  /** `pilotOf` earlier reports, best of students with a smaller and a larger marked share than the suspect's. @defaultValue none */
  readonly pilots?: readonly AuditPilot[];
  readonly registry?: SchemeRegistry;
}

/** A test of each mode for a published profile, whose key id stands for the key. */
export function testsOfProfile({ scheme, keyId }: Profile, modes: readonly AuditMode[]): PlannedTest[] {
  return modes.map((mode) => ({ scheme, keyId, mode }));
}

/** What a probe set is known by: its ids, and the prompts' texts where it has them. */
export function probeIdentity(transcripts: readonly Transcript[]): AuditPlan["probe"] {
  checkTranscripts("transcripts", transcripts);
  return {
    sha256: digestJson(
      transcripts.map(({ prompt, tokens, promptText }) => [
        Array.from(prompt),
        Array.from(tokens),
        ...(promptText === undefined ? [] : [promptText]),
      ]),
    ),
    transcripts: transcripts.length,
    tokens: transcripts.reduce((sum, { tokens }) => sum + tokens.length, 0),
  };
}

/**
 * Makes a plan. Nobody needs the key for that.
 *
 * @throws TokenmarkError `bad-argument`, `bad-config`.
 */
export function createAuditPlan(options: AuditPlanOptions): AuditPlan {
  const {
    hypothesis,
    alpha = 1e-6,
    tests,
    transcripts,
    tokenizerSha256,
    controls,
    closed,
    pilots = [],
    registry,
  } = options;
  const refuse = (what: string): never => {
    throw new TokenmarkError("bad-argument", what);
  };
  const parsed = tests.map(
    ({ scheme, keyId, mode }): PlannedTest => ({
      scheme: parseSchemeConfig(scheme, registry === undefined ? {} : { registry }),
      keyId,
      mode,
    }),
  );
  if (new Set(parsed.map(digestJson)).size < parsed.length) refuse("tests: wanted each once, got one twice");
  const body: Omit<AuditPlan, "digest" | "format"> = {
    hypothesis,
    alpha,
    tests: parsed,
    probe: probeIdentity(transcripts),
    tokenizerSha256,
    controls: { wrongKeys: USUAL_WRONG_KEYS, cleanStudents: [], baseModel: null, ...controls },
    closed: { answers: 100, tokens: 200, temperature: 1, seed: "audit", ...closed },
    ...(pilots.length === 0 ? {} : { pilots }),
  };
  const fault = planFault(body);
  if (fault !== null) refuse(fault);
  checkPilots(pilots, body.closed.temperature);
  const plan = { format: "tokenmark-audit-plan/1" as const, ...body };
  return Object.freeze({ ...plan, digest: digestJson(plan) });
}

/**
 * Reads a plan and refuses one that was changed after it was written, or that lacks what a plan has.
 *
 * @throws TokenmarkError `bad-config`.
 */
export function parseAuditPlan(value: unknown): AuditPlan {
  const plan = value as Partial<AuditPlan> | null;
  if (typeof plan !== "object" || plan === null || plan.format !== "tokenmark-audit-plan/1") {
    throw new TokenmarkError("bad-config", "plan: wanted a plan of audit-model, got something else");
  }
  const { digest, ...rest } = plan;
  if (digest !== digestJson(rest)) {
    throw new TokenmarkError(
      "bad-config",
      "plan: wanted it as it was written, got one that was changed afterwards; a changed plan is another plan: write it anew and count both",
    );
  }
  const fault = planFault(plan);
  if (fault !== null) throw new TokenmarkError("bad-config", `plan: ${fault}`);
  return Object.freeze(plan as AuditPlan);
}
