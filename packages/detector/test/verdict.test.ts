import { dualGumbel, gumbel, kgw, synthid, unigram } from "@tokenmark/core";
import { DECISIVE_POWER, DEFAULT_ALPHA, detectTokens } from "@tokenmark/detector";
import { createToySource, testKey, writeToyText } from "@tokenmark/testkit";
import fc from "fast-check";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { decideVerdict } from "../src/verdict.ts";

const source = createToySource({ seed: "verdict" });
const facts = { model: "toy", temperature: 1, topP: 1, topK: 0, n: 5000, texts: 50 };
const clean = writeToyText(source, { length: 400, random: seedrandom("clean") });

test("the three verdicts: marked iff p ≤ α, no evidence iff p > α with power of at least .9, else cannot tell", () => {
  const power = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null });
  const decades = fc.double({ min: -20, max: 0, noNaN: true });
  fc.assert(
    fc.property(decades, decades, power, (log10P, log10Alpha, given) => {
      const alpha = 10 ** log10Alpha;
      const verdict = decideVerdict(log10P, alpha, given);
      expect(verdict === "marked").toBe(log10P <= Math.log10(alpha));
      if (verdict === "no-evidence") expect(given).toBeGreaterThanOrEqual(DECISIVE_POWER);
      else if (verdict === "cannot-tell") expect(given ?? 0).toBeLessThan(DECISIVE_POWER);
    }),
    { seed: 1 },
  );
  expect(decideVerdict(-6, 1e-6, null)).toBe("marked");
});

describe.each([
  ["gumbel", gumbel, { meanScore: 2, variance: 2 }],
  ["dual-gumbel", dualGumbel, { meanScore: 1.9, variance: 2 }],
  ["synthid", synthid, { meanScore: 17.5, variance: 8 }],
  ["kgw", kgw, { meanScore: 0.5, variance: 0.3 }],
  ["unigram", unigram, { meanScore: 0.85, variance: 0.2 }],
] as const)("%s", (name, makeScheme, measured) => {
  const scheme = makeScheme(testKey(`verdict/${name}`));
  const wrong = makeScheme(testKey(`verdict/${name}/wrong`));
  const expected = { ...facts, ...measured };
  const marked = writeToyText(source, { length: 400, random: seedrandom("marked"), scheme });

  test("its own text is marked at α = 1e-6, the default", () => {
    const { verdict, alpha, pValue } = detectTokens(scheme, marked);
    expect([verdict, alpha, DEFAULT_ALPHA]).toEqual(["marked", 1e-6, 1e-6]);
    expect(pValue).toBeLessThan(1e-6);
  });

  test("a wrong key and unmarked text give no small p", () => {
    expect(detectTokens(wrong, marked).pValue).toBeGreaterThan(1e-3);
    expect(detectTokens(scheme, clean).pValue).toBeGreaterThan(1e-3);
  });

  test("unmarked text is 'no evidence' if it is long and the alternative known, else 'cannot tell'", () => {
    const long = detectTokens(scheme, clean, { expected });
    expect([long.verdict, long.power! >= DECISIVE_POWER]).toEqual(["no-evidence", true]);
    const short = detectTokens(scheme, clean.subarray(0, 10), { expected });
    expect([short.verdict, short.power! < DECISIVE_POWER]).toEqual(["cannot-tell", true]);
    const unmeasured = detectTokens(scheme, clean);
    expect([unmeasured.verdict, unmeasured.power, unmeasured.powerAssumes]).toEqual(["cannot-tell", null, null]);
    expect(long.powerAssumes).toMatch(/unedited.*toy.*temperature 1.*normal approximation/);
  });

  test("no token, and tokens of which none can be scored, are 'cannot tell' with p = 1 and power 0", () => {
    const none = detectTokens(scheme, [], { expected });
    const nothing = {
      tokensScored: 0,
      statistic: 0,
      zScore: 0,
      pValue: 1,
      log10PValue: 0,
      verdict: "cannot-tell",
      power: 0,
    };
    expect(none).toMatchObject({ ...nothing, tokensTotal: 0 });
    if (scheme.context.width >= 3) {
      const three = detectTokens(scheme, [1, 2, 3], { expected });
      expect(three).toMatchObject({ ...nothing, tokensTotal: 3, tokensUnscoreable: 3 });
    }
  });

  test("p is held to the α that is given", () => {
    const { pValue } = detectTokens(scheme, clean);
    expect(detectTokens(scheme, clean, { alpha: pValue * 1.0001 }).verdict).toBe("marked");
    expect(detectTokens(scheme, clean, { alpha: pValue * 0.9999 }).verdict).toBe("cannot-tell");
  });
});
