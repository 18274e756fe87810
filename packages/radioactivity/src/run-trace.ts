import type { WatermarkScheme } from "@tokenmark/core";
import type { AuditPlan } from "./audit-plan.ts";
import { type AuditControl, type AuditVerdict, RIVALS } from "./audit-report.ts";
import { decideVerdict } from "./decide-verdict.ts";
import type { Probe } from "./probe.ts";
import { testTally } from "./test-tally.ts";
import { type KeyTrace, type NamedKey, type RegisteredKey, traceKeys } from "./trace-keys.ts";
import { testWrongKeys, USUAL_WRONG_KEYS, type WrongKeyTest } from "./wrong-keys.ts";

/** A model that saw no account's answers, and what it makes of each account's probe. */
export interface TraceControl {
  readonly role: AuditControl["role"];
  readonly name: string;
  readonly probeOf: (id: string) => Probe;
}

/** What {@link runTrace} works on. */
export interface TraceEvidence {
  readonly suspect: string;
  /** What it was read with: `probeIdentity` of all transcripts. */
  readonly probe: AuditPlan["probe"];
  /** Every registered key, not those alone that are suspected. */
  readonly keys: readonly RegisteredKey[];
  /** Family-wise error over all of them, in (0, 1). */
  readonly alpha: number;
  readonly controls?: readonly TraceControl[];
  /** A key's scheme under wrong key i, drawn as the true one was. */
  readonly wrongSchemeOf: (key: RegisteredKey, i: number) => WatermarkScheme;
  /** @defaultValue 1000 */
  readonly wrongKeys?: number;
}

/** A named key, with what speaks against naming it. */
export interface TracedKey extends NamedKey {
  readonly wrongKeys: WrongKeyTest;
  readonly controls: readonly AuditControl[];
  readonly verdict: AuditVerdict;
  /** Why, in a sentence. */
  readonly because: string;
}

/** Whose answers a suspect was trained on. Plain JSON data; holds no secret. */
export interface TraceReport extends Omit<KeyTrace, "named"> {
  readonly format: "tokenmark-trace-report/1";
  readonly suspect: string;
  readonly probe: AuditPlan["probe"];
  readonly named: readonly TracedKey[];
  /** Names of the models that controlled it. */
  readonly controls: readonly string[];
  readonly rivals: readonly string[];
}

/**
 * Names the registered keys that a suspect depends on, at a family-wise error over all of them, and holds each against wrong keys on its own
 * probe and clean models under its key: the rules of an audit's verdict.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function runTrace(evidence: TraceEvidence): TraceReport {
  const { suspect, probe, keys, alpha, controls = [], wrongSchemeOf, wrongKeys = USUAL_WRONG_KEYS } = evidence;
  const trace = traceKeys(keys, alpha);
  const byId = new Map(keys.map((key) => [key.id, key]));
  const named = trace.named.map((own): TracedKey => {
    const key = byId.get(own.id)!;
    const result = {
      suspect: own,
      wrongKeys: testWrongKeys(key.probe, own, (i) => wrongSchemeOf(key, i), wrongKeys),
      controls: controls.map(
        ({ role, name, probeOf }): AuditControl => ({
          role,
          name,
          retokenised: false,
          ...testTally(key.scheme, probeOf(key.id).tally(key.scheme)),
        }),
      ),
      pilotUnits: null,
    };
    const decision = decideVerdict(result, own.correctedPValue, alpha, trace.correctedFor);
    return { ...own, wrongKeys: result.wrongKeys, controls: result.controls, ...decision };
  });
  return Object.freeze({
    format: "tokenmark-trace-report/1" as const,
    suspect,
    probe,
    ...trace,
    named,
    controls: controls.map(({ name }) => name),
    rivals: RIVALS,
  });
}
