import {
  betaQuantile,
  bonferroni,
  chiSquareQuantile,
  chiSquareTest,
  clopperPearson,
  holm,
  ksUniform,
  log1mExp,
  logAddExp,
  logBeta,
  logBetaUpperTail,
  logBinomialUpperTail,
  logGamma,
  logGammaUpperTail,
  logNormalUpperTail,
  logSumExp,
  normalCdf,
  normalQuantile,
  studentTQuantile,
  wilsonInterval,
} from "@tokenmark/stats";
import fc from "fast-check";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { jStat } from "../src/jstat.ts";

describe("log arithmetic", () => {
  it("adds and complements log-probabilities without losing either end", () => {
    expect(logAddExp(-1e5, -1e5)).toBeCloseTo(-1e5 + Math.LN2, 9);
    expect(logAddExp(Number.NEGATIVE_INFINITY, -3)).toBe(-3);
    expect(logSumExp([])).toBe(Number.NEGATIVE_INFINITY);
    expect(logSumExp([-1000, -1000, -1000])).toBeCloseTo(-1000 + Math.log(3), 12);
    expect(log1mExp(-1e-20)).toBeCloseTo(Math.log(1e-20), 12);
    expect(log1mExp(-800)).toBe(0);
    expect(Object.is(log1mExp(-800), -0)).toBe(false);
  });

  it("ln Γ and ln B keep their identities", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (x) => {
        expect(logGamma(x + 1) - logGamma(x) - Math.log(x)).toBeCloseTo(0, 8);
        expect(logBeta(x, 3)).toBeCloseTo(Math.log(2 / (x * (x + 1) * (x + 2))), 8);
      }),
      { seed: 21 },
    );
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 14);
  });

  it("both sides of a tail sum to 1", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (n, p) => {
        const k = Math.max(1, Math.round(n * p));
        const upper = logBinomialUpperTail(k, n, p);
        const lower = logBinomialUpperTail(n - k + 1, n, 1 - p);
        expect(Math.exp(upper) + Math.exp(lower)).toBeCloseTo(1, 11);
      }),
      { seed: 22 },
    );
  });
});

describe("jstat as an oracle where it is right, and where it is not", () => {
  it("agrees with our tails to 1e-6 while p stands above 1e-6", () => {
    for (const z of [0.5, 1, 2, 3, 4]) expect(normalCdf(-z) / jStat.normal.cdf(-z, 0, 1)).toBeCloseTo(1, 5);
    for (const [k, n, p] of [
      [60, 200, 0.25],
      [320, 1000, 0.3],
      [12, 20, 0.5],
    ] as const) {
      expect(Math.exp(logBinomialUpperTail(k, n, p)) / jStat.beta.cdf(p, k, n - k + 1)).toBeCloseTo(1, 6);
    }
    for (const [x, df] of [
      [3, 1],
      [18, 7],
      [130, 100],
    ] as const) {
      expect(Math.exp(logGammaUpperTail(df / 2, x / 2)) / (1 - jStat.chisquare.cdf(x, df))).toBeCloseTo(1, 6);
    }
    expect(Math.exp(logBetaUpperTail(20, 80, 0.3)) / (1 - jStat.beta.cdf(0.3, 20, 80))).toBeCloseTo(1, 6);
  });

  it("jstat's tail is 0 below 1e-16, where ours goes on", () => {
    expect(1 - jStat.normal.cdf(9, 0, 1)).toBe(0);
    expect(logNormalUpperTail(9) / Math.LN10).toBeCloseTo(-18.947, 3);
    expect(1 - jStat.chisquare.cdf(200, 2)).toBe(0);
    expect(logGammaUpperTail(1, 100)).toBeCloseTo(-100, 10);
  });

  it("jstat's normal quantile is off by 0.1 at 1e-20, where ours inverts its own tail", () => {
    expect(Math.abs(jStat.normal.inv(1e-20, 0, 1) - normalQuantile(1e-20))).toBeGreaterThan(0.1);
    expect(logNormalUpperTail(-normalQuantile(1e-20))).toBeCloseTo(Math.log(1e-20), 11);
  });
});

describe("quantiles and intervals", () => {
  it("quantiles invert the distribution functions", () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13);
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(1e-300)).toBeCloseTo(-37.0470962993612, 10);
    expect(chiSquareQuantile(0.95, 3)).toBeCloseTo(7.814727903251179, 12);
    expect(betaQuantile(0.025, 1, 1000)).toBeCloseTo(-Math.expm1(Math.log(0.975) / 1000), 15);
    expect(studentTQuantile(0.975, 5)).toBeCloseTo(2.570581835636314, 7);
    expect(() => studentTQuantile(1e-9, 5)).toThrow(RangeError);
  });

  it("no alarm in three million gives a one-sided 95 % bound of 1e-6", () => {
    expect(clopperPearson(0, 3_000_000, 0.9)).toEqual({ lower: 0, upper: expect.closeTo(9.98577e-7, 11) });
    expect(clopperPearson(10, 10, 0.95)).toEqual({ lower: expect.closeTo(0.025 ** 0.1, 12), upper: 1 });
    expect(clopperPearson(8, 10, 0.95)).toEqual({
      lower: expect.closeTo(0.4439, 4),
      upper: expect.closeTo(0.97479, 4),
    });
  });

  it("Wilson's interval matches its published form and stays inside [0, 1]", () => {
    // Newcombe 1998, table I: 81 of 263 and 0 of 20 at 95 %.
    expect(wilsonInterval(81, 263, 0.95)).toEqual({
      lower: expect.closeTo(0.2553, 4),
      upper: expect.closeTo(0.3662, 4),
    });
    expect(wilsonInterval(0, 20, 0.95)).toEqual({ lower: 0, upper: expect.closeTo(0.1611, 4) });
    expect(() => wilsonInterval(5, 4, 0.95)).toThrow(/successes/);
  });
});

describe("tests of fit", () => {
  it("the Kolmogorov–Smirnov p-value equals Marsaglia, Tsang and Wang's P[D₁₀ < .274] = .6284796", () => {
    // Their printed example; the fifth value stands .274 above 4/10.
    const sample = [0.05, 0.15, 0.25, 0.35, 0.674, 0.7, 0.75, 0.8, 0.85, 0.95];
    const { statistic, pValue, method } = ksUniform(sample);
    expect(method).toBe("exact");
    expect(statistic).toBeCloseTo(0.274, 12);
    expect(pValue).toBeCloseTo(1 - 0.6284796, 6);
  });

  it("the one-sided and the exact method agree where they meet", () => {
    // n d² just below 3 is exact, just above doubled.
    const at = (d: number): number =>
      ksUniform(Array.from({ length: 100 }, (_, i) => Math.min(1, (i + 1) / 100) * (1 - d))).pValue;
    const below = at(Math.sqrt(0.02999));
    const above = at(Math.sqrt(0.03001));
    expect(above / below).toBeGreaterThan(0.98);
    expect(above / below).toBeLessThan(1);
  });

  it("one value far off has its exact p", () => {
    expect(ksUniform([0.9])).toEqual({ statistic: 0.9, pValue: expect.closeTo(0.2, 12), method: "exact" });
  });

  it("p of uniform samples is uniform (fixed seed; false alarm 1 in 1,000)", () => {
    for (const n of [20, 1000]) {
      const random = seedrandom(`ks ${n}`);
      const ps = Array.from({ length: 400 }, () => ksUniform(Array.from({ length: n }, random)).pValue);
      expect(ksUniform(ps).pValue).toBeGreaterThan(0.0005);
    }
  });

  it("chi-square pools thin tails and counts what it merged", () => {
    const result = chiSquareTest([1, 2, 20, 30, 25, 18, 3, 1], [0.5, 2.5, 22, 28, 24, 19, 3.5, 0.5]);
    expect(result.pooledCells).toBe(4);
    expect(result.degreesOfFreedom).toBe(3);
    expect(result.pValue).toBeCloseTo(Math.exp(logGammaUpperTail(1.5, result.statistic / 2)), 14);
    expect(chiSquareTest([10, 20, 30], [20, 20, 20])).toEqual({
      statistic: 10,
      degreesOfFreedom: 2,
      pValue: expect.closeTo(Math.exp(-5), 12),
      pooledCells: 0,
    });
    expect(() => chiSquareTest([10, 10], [10, 20])).toThrow(/total/);
  });
});

describe("corrections for many tests", () => {
  it("Holm's adjusted values match a worked example and never exceed Bonferroni's", () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((want, i) => {
      expect(adjusted[i]).toBeCloseTo(want, 12);
    });
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (ps) => {
        const plain = bonferroni(ps);
        holm(ps).forEach((p, i) => {
          expect(p).toBeLessThanOrEqual(plain[i]!);
          expect(p).toBeGreaterThanOrEqual(ps[i]!);
        });
      }),
      { seed: 31 },
    );
  });

  it("Holm's values of the smallest of many are theirs among all", () => {
    const all = [0.2, 0.001, 0.04, 0.9, 0.004, 0.3].sort((a, b) => a - b);
    expect(holm(all.slice(0, 3), 6)).toEqual(holm(all).slice(0, 3));
    expect(holm(all.slice(0, 2), 2 ** 40)).toEqual([1, 1]);
    expect(() => holm(all, 5)).toThrow(/^tests: /);
  });
});
