import type { AnySchemeConfig, WatermarkScheme } from "@tokenmark/core";
import type { AuditControl } from "./audit-control.ts";
import type { AuditPlan } from "./audit-plan.ts";
import type { AuditFindings } from "./audit-report.ts";
import { clusterBootstrap } from "./cluster-bootstrap.ts";
import { controlUnits } from "./control-units.ts";
import { decideVerdict } from "./decide-verdict.ts";
import { loudLevel } from "./loud-level.ts";
import { checkNames } from "./one-line.ts";
import type { Probe } from "./probe.ts";
import { clustersOf } from "./tally.ts";
import { testTally } from "./test-tally.ts";
import { type KeyTrace, type NamedKey, type RegisteredKey, traceKeys } from "./trace-keys.ts";
import { testWrongKeys, USUAL_WRONG_KEYS } from "./wrong-keys.ts";

/** A model that saw no account's answers, and what it makes of each account's probe. */
export interface TraceControl {
  readonly role: AuditControl["role"];
  readonly name: string;
  readonly probeOf: (id: string) => Probe;
}

/** A registered account. */
export interface TraceAccount extends RegisteredKey {
  /** Public id of its key. */
  readonly keyId: string;
  /** Whether its probe is what it was sent itself, or a text that is nobody's. */
  readonly reads: "own" | "shared";
}

/** What a trace is about, beside the keys: what a third party needs to make it again. */
export interface TraceSubject {
  readonly suspect: string;
  readonly scheme: AnySchemeConfig;
  /** Digest of the tokenizer that the ids belong to. */
  readonly tokenizerSha256: string;
  /** What it was read with: `probeIdentity` of all transcripts. */
  readonly probe: AuditPlan["probe"];
  /** Digest of all accounts: labels, key ids, and which transcripts are whose. */
  readonly accountsSha256: string;
  /** Transcripts that were left out, being under keys that are not registered. */
  readonly leftOut: number;
}

/** What {@link runTrace} works on. */
export interface TraceEvidence extends TraceSubject {
  /** Every registered account, not those alone that are suspected. */
  readonly keys: readonly TraceAccount[];
  /** Family-wise error over all of them, in (0, 1). */
  readonly alpha: number;
  readonly controls?: readonly TraceControl[];
  /** A key's scheme under wrong key i, drawn as the true one was. */
  readonly wrongSchemeOf: (key: TraceAccount, i: number) => WatermarkScheme;
  /** @defaultValue 1000 */
  readonly wrongKeys?: number;
}

/** A named key, with what speaks against naming it. */
export interface TracedKey extends NamedKey, Pick<TraceAccount, "keyId" | "reads">, AuditFindings {}

/** Whose answers a suspect was trained on. Plain JSON data; holds no secret. */
export interface TraceReport extends Omit<KeyTrace, "named">, TraceSubject {
  readonly format: "tokenmark-trace-report/1";
  readonly named: readonly TracedKey[];
  /** Names of the models that controlled it. */
  readonly controls: readonly string[];
  readonly rivals: readonly string[];
}

/** What a named account does not say. */
export const TRACE_RIVALS: readonly string[] = Object.freeze([
  "Answers that a named account was sent have reached the suspect's training data; that the account brought them there is not shown: they may have been published, resold or taken.",
  "The suspect's training data holds outputs of another model that was trained on that account's answers.",
  "A key leaked, and text was made to carry it: with the master key, that of any account.",
  "The transcripts contain text that the suspect wrote itself.",
  "Accounts, transcripts, level and clean models were chosen by whoever ran the trace, who says how often it was run.",
]);

/** What an audit's verdict asks of a test, of a trace's: it has no pilots and reads predictions alone. */
export const TRACED = { pilotUnits: null, collected: false, retokenised: false } as const;

function judge(own: NamedKey, evidence: TraceEvidence, tests: number): TracedKey {
  const { keys, alpha, controls = [], wrongSchemeOf, wrongKeys = USUAL_WRONG_KEYS } = evidence;
  const key = keys.find(({ id }) => id === own.id)!;
  const { keyId, reads, probe, scheme } = key;
  const tally = probe.tally(scheme);
  const { positions, copied, repeated } = tally;
  const findings = {
    wrongKeys: testWrongKeys(probe, { scheme, test: own }, (i) => wrongSchemeOf(key, i), wrongKeys),
    controls: controls.map(
      ({ role, name, probeOf }): AuditControl => ({
        role,
        name,
        retokenised: false,
        ...testTally(scheme, probeOf(key.id).tally(scheme)),
      }),
    ),
    controlUnits: controlUnits(scheme, own, loudLevel(alpha, tests)),
  };
  return {
    ...own,
    keyId,
    reads,
    positions,
    copied,
    repeated,
    clusters: clustersOf(tally),
    scoreInterval: clusterBootstrap(tally, `${evidence.accountsSha256} ${own.id}`),
    ...findings,
    ...decideVerdict({ ...findings, ...TRACED, suspect: own }, own.correctedPValue, alpha, tests),
  };
}

/**
 * Names the registered keys that a suspect depends on, at a family-wise error over all of them, and holds each against wrong keys on its own
 * probe and clean models under its key: the rules of an audit's verdict.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function runTrace(evidence: TraceEvidence): TraceReport {
  const { suspect, scheme, tokenizerSha256, probe, accountsSha256, leftOut, keys, alpha, controls = [] } = evidence;
  checkNames([suspect, ...controls.map(({ name }) => name), ...keys.map(({ id }) => id)]);
  const { named, ...trace } = traceKeys(keys, alpha);
  return Object.freeze({
    format: "tokenmark-trace-report/1" as const,
    suspect,
    scheme,
    tokenizerSha256,
    probe,
    accountsSha256,
    leftOut,
    ...trace,
    named: named.map((own) => judge(own, evidence, trace.correctedFor)),
    controls: controls.map(({ name }) => name),
    rivals: TRACE_RIVALS,
  });
}
