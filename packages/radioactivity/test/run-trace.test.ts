import { createScheme, type SchemeConfig } from "@tokenmark/core";
import { testKey } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { decideVerdict } from "../src/decide-verdict.ts";
import {
  createProbe,
  formatTraceReport,
  openProbe,
  type Probe,
  parseTraceReport,
  probeIdentity,
  runTrace,
  type TraceAccount,
  type TraceControl,
  type TraceEvidence,
  type Transcript,
  traceKeys,
} from "../src/index.ts";

const config: SchemeConfig = { scheme: "gumbel", contextWidth: 1 };
const random = seedrandom("trace");
const draw = (): number => Math.floor(200 * random());
const schemeOf = (id: string) => createScheme(config, testKey(`account ${id}`));
/** Ten accounts, each with four texts of its own. */
const accounts = Array.from({ length: 10 }, (_, i) => ({
  id: `account ${i}`,
  scheme: schemeOf(`account ${i}`),
  sent: Array.from({ length: 4 }, (): Transcript => ({ prompt: [1, 2], tokens: Array.from({ length: 60 }, draw) })),
}));

/** What a model that follows an account's key with a probability predicts along that account's texts. */
function probeOf({ scheme, sent }: (typeof accounts)[number], share: number): Probe {
  const predictions = sent.map(({ prompt, tokens }) => {
    const all = [...Array.from(prompt), ...Array.from(tokens)];
    return Int32Array.from(tokens, (_, i) => {
      const drawn = [draw(), draw(), draw()];
      if (random() >= share) return drawn[0]!;
      const context = [all[prompt.length + i - 1]!];
      return drawn.reduce((best, token) => (scheme.score(context, token) > scheme.score(context, best) ? token : best));
    });
  });
  return openProbe(sent, predictions, 1);
}

const keysOf = (shareOf: (id: string) => number): TraceAccount[] =>
  accounts.map((account) => ({
    id: account.id,
    keyId: testKey(`account ${account.id}`).id,
    scheme: account.scheme,
    probe: probeOf(account, shareOf(account.id)),
    reads: "own",
  }));
const clean = (name: string, shareOf: (id: string) => number = () => 0): TraceControl => {
  const probes = new Map(keysOf(shareOf).map(({ id, probe }) => [id, probe]));
  return { role: "clean student", name, probeOf: (id) => probes.get(id)! };
};
const learnt = (id: string): number => (id === "account 3" || id === "account 7" ? 0.7 : 0);
const KEYS = keysOf(learnt);
const evidence = (more: Partial<TraceEvidence> = {}): TraceEvidence => ({
  suspect: "suspect",
  scheme: config,
  tokenizerSha256: "a".repeat(64),
  probe: probeIdentity(accounts.flatMap(({ sent }) => sent)),
  accountsSha256: "b".repeat(64),
  leftOut: 2,
  keys: KEYS,
  alpha: 0.01,
  controls: [clean("C")],
  wrongSchemeOf: (_, i) => createScheme(config, testKey(`wrong ${i}`)),
  wrongKeys: 1000,
  ...more,
});

describe("a trace", () => {
  it("names whose answers were learnt, each by the texts that it was sent", () => {
    const report = runTrace(evidence());
    expect(report.named.map(({ id, verdict }) => [id, verdict]).sort()).toEqual([
      ["account 3", "trained-on-marked"],
      ["account 7", "trained-on-marked"],
    ]);
    expect(report).toMatchObject({ correctedFor: 10, controls: ["C"], probe: { transcripts: 40, tokens: 2400 } });
    expect(report.others!.keys).toBe(8);
    const text = formatTraceReport(report);
    expect(text).toContain(
      "10 registered keys of gumbel (accounts' SHA-256 bbbbbbbbbbbbbbbb…), family-wise error 0.01 (Holm)",
    );
    expect(text).toMatch(/account 3, key [0-9a-f]{16}: TRAINED-ON-MARKED at 0\.01\n {2}what the suspect prefers/);
    expect(text).toMatch(/read with its own answers\n +\d+ unique units of 240 positions/);
    expect(text).toContain("left out under other keys: 2");
    expect(text).toContain("that the account brought them there is not shown");
    expect(text).toMatch(/clean student {2}p .*\(C\)/);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("is read as it was written, and refused where its verdicts do not follow from its figures", () => {
    const report = runTrace(evidence({ controls: [] }));
    const again = JSON.parse(JSON.stringify(report));
    const anyKey = () => schemeOf("any");
    expect(parseTraceReport(again, anyKey)).toEqual(report);
    expect(parseTraceReport(again)).toEqual(report);
    const [first, ...others] = again.named;
    for (const [change, message] of [
      [{ named: [{ ...first, verdict: "trained-on-marked" }, ...others] }, /wanted the verdicts that follow/],
      [{ named: [{ ...first, correctedLog10PValue: -99 }, ...others] }, /wanted the verdicts that follow/],
      [{ alpha: 1e-300 }, /wanted the verdicts that follow/],
      [{ correctedFor: 1 }, /wanted a report of audit-model trace/],
      [{ correctedFor: 2 }, /wanted the verdicts that follow/],
      [{ named: [{ ...first, controls: undefined }, ...others] }, /named\[0\]\.controls: wanted a list, got none/],
      [{ named: others, next: first }, /wanted the verdicts that follow/],
      [{ named: [] }, /wanted the verdicts that follow/],
      [{ named: others }, /wanted the verdicts that follow/],
      [{ named: [first, first] }, /wanted the verdicts that follow/],
      [{ others: null }, /wanted the verdicts that follow/],
      [{ others: { ...again.others, keys: 500 } }, /wanted the verdicts that follow/],
      [{ correctedFor: 2 ** 40 }, /wanted the verdicts that follow/],
      [{ tokenizerSha256: null }, /tokenizerSha256: wanted 64 hex digits/],
      [{ named: [], next: first }, /wanted the verdicts that follow/],
      [{ next: null }, /wanted the verdicts that follow/],
      [{ next: { ...again.next, correctedPValue: 1e-9, correctedLog10PValue: -9 } }, /wanted the verdicts that follow/],
      [{ suspect: undefined }, /suspect: wanted a text of one line, got none/],
      [{ alpha: 2 }, /alpha: wanted a number strictly between 0 and 1, got 2/],
      [{ named: null }, /wanted a report of audit-model trace/],
      [{ format: "x" }, /wanted a report of audit-model trace/],
      [{ named: [{ ...first, because: "it is plain" }, ...others] }, /wanted the verdicts that follow/],
      [{ named: [{ ...first, statistic: first.statistic + 50 }, ...others] }, /wanted the verdicts that follow/],
      [{ controls: ["another"] }, /wanted the verdicts that follow/],
      [{ rivals: [] }, /wanted its rival explanations/],
    ] as const) {
      expect(() => parseTraceReport({ ...again, ...change }, anyKey)).toThrow(message);
    }
    expect(parseTraceReport(JSON.parse(JSON.stringify(runTrace(evidence({ keys: keysOf(() => 0) })))))).toBeDefined();
  });

  it("takes a clean model for loud at a thousandth, or at the level of one key where that is larger", () => {
    const [named] = runTrace(evidence()).named;
    const verdictAt = (pValue: number, alpha: number) =>
      decideVerdict(
        {
          ...named!,
          suspect: named!,
          pilotUnits: null,
          collected: false,
          retokenised: false,
          controls: [{ ...named!.controls[0]!, pValue }],
        },
        1e-9,
        alpha,
        10,
      ).verdict;
    expect(verdictAt(0.009, 0.01)).toBe("trained-on-marked");
    expect(verdictAt(0.0009, 0.01)).toBe("cannot-tell");
    expect(verdictAt(0.004, 0.05)).toBe("cannot-tell");
  });

  it("without a clean model, or with a loud or a mute one, names but convicts nobody", () => {
    const verdicts = (controls: readonly TraceControl[]) =>
      runTrace(evidence({ controls })).named.map(({ verdict, because }) => `${verdict}: ${because}`);
    const mute: TraceControl = { role: "base model", name: "mute", probeOf: () => createProbe([], 1) };
    for (const [controls, because] of [
      [[], /^cannot-tell: it depends on the key, but no clean model/],
      [[clean("C"), clean("loud", learnt)], /^cannot-tell: a clean student that should be clean comes out at p/],
      [[mute], /^cannot-tell: a base model \(mute\) has only 0 unique units/],
    ] as const) {
      const found = verdicts(controls);
      expect(found).toHaveLength(2);
      for (const verdict of found) expect(verdict).toMatch(because);
    }
  });

  it("of a model that learnt from nobody names nobody, and says that this clears nobody", () => {
    const report = runTrace(evidence({ keys: keysOf(() => 0) }));
    expect(report.named).toEqual([]);
    expect(formatTraceReport(report)).toContain("No key is named. That clears nobody.");
    expect(formatTraceReport(report)).toContain(`The next one, not named: ${report.next!.id}`);
  });

  it("names somebody by chance no more often than its error says (400 traces at .05: at most 33, one false alarm in a thousand runs)", () => {
    let accused = 0;
    for (let i = 0; i < 400; i++)
      accused += +(
        traceKeys(
          keysOf(() => 0),
          0.05,
        ).named.length > 0
      );
    expect(accused).toBeLessThanOrEqual(33);
  });

  it("has names that a line can hold, or is refused before it is made", () => {
    expect(() => runTrace(evidence({ suspect: "a\tb" }))).toThrow(/name: wanted a text of one line, got "a\\tb"/);
    expect(() => runTrace(evidence({ keys: KEYS.map((key) => ({ ...key, id: `${key.id}\n` })) }))).toThrow(
      /of one line/,
    );
  });

  it("counts accounts that nothing can be read for, and refuses one that is registered twice", () => {
    const keys = KEYS.map((key) => (key.id === "account 3" ? { ...key, probe: createProbe([], 1) } : key));
    const { named, correctedFor } = runTrace(evidence({ keys }));
    expect(named.map(({ id }) => id)).toEqual(["account 7"]);
    expect(correctedFor).toBe(10);
    expect(traceKeys(keys, 0.01)).toMatchObject({ untested: 1, others: { keys: 8 } });
    expect(() => traceKeys([keys[0]!, keys[0]!], 0.01)).toThrow(/keys: wanted each id once, got account 0 twice/);
    const empty = keys.map((key) => ({ ...key, probe: createProbe([], 1) }));
    expect(() => runTrace(evidence({ keys: empty }))).toThrow(/keys: wanted units of the suspect to score .* got none/);
    expect(() => traceKeys([], 0.01)).toThrow(/keys: wanted at least one/);
    expect(() => traceKeys(keys, 1)).toThrow(/alpha: wanted a number strictly between 0 and 1/);
  });
});
