import { readFileSync } from "node:fs";
import {
  criticalValue,
  type Law,
  lawMean,
  lawVariance,
  logGammaUpperTail,
  pointMass,
  upperTail,
} from "@tokenmark/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const lattice = (values: number[], probabilities: number[]): Law => ({
  family: "lattice",
  values: Float64Array.from(values),
  probabilities: Float64Array.from(probabilities),
});
const die = lattice([1, 2, 3, 4, 5, 6], new Array<number>(6).fill(1 / 6));
/** The layer weights of SynthID's weighted mean: 10 … 1, step 9/29. */
const tournament: Law = {
  family: "bernoulli",
  p: 0.5,
  weights: Array.from({ length: 30 }, (_, j) => 10 - (9 * j) / 29),
};
const dual: Law = { family: "exponential", weights: [0.9, 0.1] };

/** Every outcome of n units, listed by plain convolution of positive terms. */
function enumerated(law: Law, n: number): Map<number, number> {
  const factors: [number, number][][] =
    law.family === "lattice"
      ? [Array.from(law.values, (v, i): [number, number] => [v, law.probabilities[i]!])]
      : law.weights.map((w) => [
          [0, 1 - (law as { p: number }).p],
          [w, (law as { p: number }).p],
        ]);
  let sums = new Map([[0, 1]]);
  for (let unit = 0; unit < n; unit++) {
    for (const factor of factors) {
      const next = new Map<number, number>();
      for (const [x, px] of sums) for (const [v, pv] of factor) next.set(x + v, (next.get(x + v) ?? 0) + px * pv);
      sums = next;
    }
  }
  return sums;
}

const integerLaw: fc.Arbitrary<Law> = fc.oneof(
  fc.record({
    family: fc.constant("bernoulli" as const),
    p: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    weights: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
  }),
  fc.uniqueArray(fc.integer({ min: -20, max: 60 }), { minLength: 2, maxLength: 5 }).chain((values) =>
    fc.array(fc.integer({ min: 1, max: 50 }), { minLength: values.length, maxLength: values.length }).map((shares) =>
      lattice(
        values,
        shares.map((share) => share / shares.reduce((a, b) => a + b)),
      ),
    ),
  ),
);

describe("upperTail of discrete laws", () => {
  it("agrees with exact rational arithmetic to 1e-11 of ln p", () => {
    const cases: (Record<string, unknown> & { n: number; statistic: number; ln: string })[] = JSON.parse(
      readFileSync(new URL("./vectors/lattice.json", import.meta.url), "utf8"),
    );
    for (const one of cases) {
      const law =
        one.family === "lattice"
          ? lattice(one.values as number[], one.probabilities as number[])
          : (one as unknown as Law);
      const { log10PValue, tail } = upperTail(law, one.n, one.statistic);
      const want = Number(one.ln) / Math.LN10;
      expect(tail).toBe("exact");
      expect(Math.abs(log10PValue - want), JSON.stringify(one)).toBeLessThanOrEqual(1e-11 * Math.abs(want));
    }
  });

  it("equals brute-force enumeration at every value of the sum, gaps included", () => {
    fc.assert(
      fc.property(integerLaw, fc.integer({ min: 1, max: 5 }), fc.integer({ min: -1, max: 1 }), (law, n, shift) => {
        const sums = [...enumerated(law, n)].sort((a, b) => a[0] - b[0]);
        const at = Math.floor(sums.length / 2 + (shift * sums.length) / 3);
        const statistic = sums[Math.min(at, sums.length - 1)]![0] + shift;
        const want = sums.filter(([x]) => x >= statistic).reduce((p, [, q]) => p + q, 0);
        const got = 10 ** upperTail(law, n, statistic).log10PValue;
        expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-10 * want + 1e-15);
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it("equals the sum of the point masses from the statistic up", () => {
    fc.assert(
      fc.property(integerLaw, fc.integer({ min: 1, max: 4 }), (law, n) => {
        const values = [...enumerated(law, n).keys()].sort((a, b) => b - a);
        let sum = 0;
        for (const value of values) {
          sum += Math.exp(pointMass(law, n, value));
          expect(10 ** upperTail(law, n, value).log10PValue).toBeCloseTo(sum, 10);
        }
        expect(sum).toBeCloseTo(1, 10);
      }),
      { seed: 12, numRuns: 60 },
    );
  });

  it("gives equal weights and a two-valued lattice the binomial tail", () => {
    const coins = upperTail({ family: "bernoulli", p: 0.3, weights: [2.5, 2.5] }, 20, 40).log10PValue;
    expect(coins).toBeCloseTo(upperTail(lattice([0, 2.5], [0.7, 0.3]), 40, 40).log10PValue, 12);
    expect(coins).toBeCloseTo(upperTail({ family: "bernoulli", p: 0.3, weights: [1] }, 40, 16).log10PValue, 12);
  });

  it("keeps the atom when the statistic is a float sum of weights", () => {
    const law: Law = { family: "bernoulli", p: 0.5, weights: [0.1] };
    let sum = 0;
    for (let i = 0; i < 30; i++) sum += 0.1;
    expect(sum).not.toBe(3);
    expect(upperTail(law, 100, sum)).toEqual(upperTail(law, 100, 3));
    expect(upperTail(law, 100, 3 * (1 + 1e-6))).toEqual(upperTail(law, 100, 3.1));
  });

  it("finds the lattice of SynthID's layer weights and is exact there", () => {
    expect(upperTail(tournament, 200, 18000)).toMatchObject({ tail: "exact" });
    expect(upperTail(tournament, 200, 16500).log10PValue).toBeCloseTo(Math.log10(0.5), 3);
  });

  it("lists small sums off any lattice exactly and says so, and names the saddlepoint for large ones", () => {
    const law: Law = { family: "bernoulli", p: 0.3, weights: [1, Math.SQRT2] };
    expect(upperTail(law, 1, Math.SQRT2).log10PValue).toBeCloseTo(Math.log10(0.3), 12);
    expect(upperTail(law, 1, 1.2)).toEqual({ log10PValue: Math.log10(0.3), tail: "exact" });
    expect(upperTail({ ...law, weights: [1, Math.SQRT2, Math.E, Math.PI] }, 50, 200).tail).toBe("saddlepoint");
  });
});

describe("upperTail of exponential laws", () => {
  it("is the Gamma tail for one weight and the dual-key tail for two", () => {
    expect(upperTail({ family: "exponential", weights: [1] }, 1, 10).log10PValue).toBeCloseTo(-10 / Math.LN10, 12);
    // P[aX + bY ≥ s] = (a e^{−s/a} − b e^{−s/b})/(a − b) for one unit.
    const want = (0.9 * Math.exp(-3 / 0.9) - 0.1 * Math.exp(-30)) / 0.8;
    expect(upperTail(dual, 1, 3).log10PValue).toBeCloseTo(Math.log10(want), 12);
  });

  it("ignores a weight of 0 and the order of weights", () => {
    expect(upperTail({ family: "exponential", weights: [0, 2] }, 5, 20)).toEqual(
      upperTail({ family: "exponential", weights: [1] }, 5, 10),
    );
    expect(upperTail({ family: "exponential", weights: [0.1, 0.9] }, 50, 90)).toEqual(upperTail(dual, 50, 90));
  });

  it("shows the moment-matched Gamma of the dual key 2.2-fold optimistic at 1e-9", () => {
    // Q(n/V, S/V), V = a² + b², as some detectors print it, for share .2 and 50 tokens.
    const law: Law = { family: "exponential", weights: [0.8, 0.2] };
    const at = criticalValue(law, 50, 1e-9);
    const v = 0.8 * 0.8 + 0.2 * 0.2;
    const matched = logGammaUpperTail(50 / v, at / v) / Math.LN10;
    expect(-9 - matched).toBeCloseTo(Math.log10(2.2), 1);
  });
});

describe("every law", () => {
  const laws: [string, Law][] = [
    ["green list", { family: "bernoulli", p: 0.25, weights: [1] }],
    ["tournament", tournament],
    ["Gumbel", { family: "exponential", weights: [1] }],
    ["dual key", dual],
    ["three exponentials", { family: "exponential", weights: [1, 0.5, 0.2] }],
    ["die", die],
    ["off-lattice", { family: "bernoulli", p: 0.5, weights: [1, Math.SQRT2, Math.E, Math.PI, 0.3] }],
  ];

  it.each(laws)("%s: the tail never rises with the statistic and is never NaN or −0", (_, law) => {
    const n = 30;
    const mean = n * lawMean(law);
    const deviation = Math.sqrt(n * lawVariance(law));
    let last = 0;
    for (let z = -6; z <= 12; z += 0.25) {
      const { log10PValue } = upperTail(law, n, mean + z * deviation);
      expect(Number.isNaN(log10PValue)).toBe(false);
      expect(Object.is(log10PValue, -0)).toBe(false);
      expect(log10PValue).toBeLessThanOrEqual(last + 1e-13);
      last = log10PValue;
    }
  });

  const gaps = new Map([
    ["green list", 1],
    ["tournament", 1 / 29],
    ["die", 1],
  ]);

  it.each(laws)("%s: the critical value passes alpha and the value before it does not", (name, law) => {
    for (const alpha of [0.05, 1e-6]) {
      const critical = criticalValue(law, 40, alpha);
      expect(upperTail(law, 40, critical).log10PValue).toBeLessThanOrEqual(Math.log10(alpha));
      expect(upperTail(law, 40, critical - (gaps.get(name) ?? 1e-7 * critical)).log10PValue).toBeGreaterThan(
        Math.log10(alpha),
      );
    }
  });

  it.each(laws)("%s: edges are defined", (_, law) => {
    expect(upperTail(law, 0, 0)).toEqual({ log10PValue: 0, tail: "exact" });
    expect(upperTail(law, 0, 0.5)).toEqual({ log10PValue: Number.NEGATIVE_INFINITY, tail: "exact" });
    expect(upperTail(law, 7, -1000).log10PValue).toBe(0);
    expect(upperTail(law, 7, Number.POSITIVE_INFINITY).log10PValue).toBe(Number.NEGATIVE_INFINITY);
    expect(criticalValue(law, 0, 0.01)).toBe(Number.POSITIVE_INFINITY);
    expect(() => upperTail(law, 1.5, 1)).toThrow(RangeError);
    expect(() => upperTail(law, 5, Number.NaN)).toThrow(RangeError);
  });

  it("above the largest sum the p-value is truly 0, and at it the atom", () => {
    expect(upperTail(die, 10, 60.1).log10PValue).toBe(Number.NEGATIVE_INFINITY);
    expect(upperTail(die, 10, 60).log10PValue).toBeCloseTo(10 * Math.log10(1 / 6), 12);
    expect(upperTail(tournament, 2, 330).log10PValue).toBeCloseTo(60 * Math.log10(0.5), 12);
  });

  it("a law of one value is certain up to it and impossible above", () => {
    for (const law of [lattice([3], [1]), { family: "bernoulli", p: 1, weights: [1, 2] } as const]) {
      expect(upperTail(law, 4, 12).log10PValue).toBe(0);
      expect(upperTail(law, 4, 12.5).log10PValue).toBe(Number.NEGATIVE_INFINITY);
      expect(criticalValue(law, 4, 0.5)).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it("reaches log10 p = −100,000", () => {
    const deep = upperTail({ family: "bernoulli", p: 0.5, weights: [1] }, 332_193, 332_193).log10PValue;
    expect(deep).toBeCloseTo(-332_193 * Math.log10(2), 6);
    expect(upperTail({ family: "exponential", weights: [1] }, 200, 231_000).log10PValue).toBeLessThan(-99_000);
    expect(upperTail(tournament, 11_073, 1_826_000).log10PValue).toBeLessThan(-90_000);
  });
});

describe("criticalValue and pointMass", () => {
  it("a critical value is a sum that can occur, even where the lattice has holes", () => {
    // Sums of 3 and 5: 0, 3, 5, 6, 8 … but never 1, 2, 4, 7.
    const law: Law = { family: "bernoulli", p: 0.01, weights: [3, 5] };
    const sums = [...enumerated(law, 3)].sort((a, b) => a[0] - b[0]);
    for (const alpha of [0.5, 0.05, 0.03, 0.01, 1e-3, 1e-4, 1e-6, 1e-8]) {
      const want = sums.find(([s]) => sums.filter(([x]) => x >= s).reduce((p, [, q]) => p + q, 0) <= alpha);
      expect(criticalValue(law, 3, alpha)).toBe(want?.[0] ?? Number.POSITIVE_INFINITY);
    }
  });

  it("is +Infinity when the text is too short for alpha", () => {
    expect(criticalValue({ family: "bernoulli", p: 0.25, weights: [1] }, 9, 1e-6)).toBe(Number.POSITIVE_INFINITY);
    expect(criticalValue({ family: "bernoulli", p: 0.25, weights: [1] }, 10, 1e-6)).toBe(10);
  });

  it("a point mass off the lattice or of a continuous law is 0", () => {
    expect(pointMass(die, 2, 2.5)).toBe(Number.NEGATIVE_INFINITY);
    expect(pointMass(dual, 2, 2.5)).toBe(Number.NEGATIVE_INFINITY);
    expect(pointMass(die, 2, 7)).toBeCloseTo(Math.log(1 / 6), 12);
  });

  it("refuses malformed laws by name", () => {
    expect(() => upperTail({ family: "bernoulli", p: 1.5, weights: [1] }, 5, 1)).toThrow(/law\.p/);
    expect(() => upperTail({ family: "bernoulli", p: 0.5, weights: [] }, 5, 1)).toThrow(/law\.weights\.length/);
    expect(() => upperTail({ family: "exponential", weights: [-1] }, 5, 1)).toThrow(/law\.weights/);
    expect(() => upperTail(lattice([1, 2], [0.5, 0.6]), 5, 1)).toThrow(/sum of 1, got 1\.1/);
    expect(() => criticalValue(die, 5, 0)).toThrow(/alpha/);
  });
});
