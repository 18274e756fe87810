import type { WatermarkScheme } from "@tokenmark/core";
import { hasKnownLaw } from "./known-law.ts";
import type { Probe } from "./probe.ts";
import { rankTest, type WrongKeyRank } from "./rank-test.ts";
import type { Tally } from "./tally.ts";
import { type TallyTest, testTally } from "./test-tally.ts";
import { testWrongKeys, type WrongKeyTest } from "./wrong-keys.ts";

/** Keys that nobody wrote with, drawn as the true one was. */
export interface WrongKeys {
  readonly schemeUnder: (i: number) => WatermarkScheme;
  readonly keys: number;
}

/** A suspect's tally and test: by the law's tail, which wrong keys test, or without a known law by its rank among them. */
export function testSuspect(
  probe: Probe,
  scheme: WatermarkScheme,
  { schemeUnder, keys }: WrongKeys,
): { readonly tally: Tally; readonly test: TallyTest; readonly wrongKeys: WrongKeyTest | WrongKeyRank } {
  const tally = probe.tally(scheme);
  if (!hasKnownLaw(scheme)) return { tally, ...rankTest(probe, tally, schemeUnder, keys) };
  const test = testTally(scheme, tally);
  return { tally, test, wrongKeys: testWrongKeys(probe, { scheme, test }, schemeUnder, keys) };
}

/** A control's test. */
export function testControl(probe: Probe, scheme: WatermarkScheme, { schemeUnder, keys }: WrongKeys): TallyTest {
  const tally = probe.tally(scheme);
  return hasKnownLaw(scheme) ? testTally(scheme, tally) : rankTest(probe, tally, schemeUnder, keys).test;
}
