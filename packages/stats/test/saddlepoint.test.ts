import { type Law, upperTail } from "@tokenmark/stats";
import { describe, expect, it } from "vitest";
import { logLatticeUpperTail } from "../src/lattice-inversion.ts";
import { logSaddlepointUpperTail } from "../src/saddlepoint-tail.ts";
import { cumulants } from "../src/tilting.ts";
import { unitModel } from "../src/unit-model.ts";
import { latticeIndex } from "../src/upper-tail.ts";

const layers = Array.from({ length: 30 }, (_, j) => 10 - (9 * j) / 29);
const laws: Law[] = [
  { family: "bernoulli", p: 0.5, weights: layers },
  {
    family: "bernoulli",
    p: 0.25,
    weights: Array.from({ length: 10 }, (_, i) => Math.round(100 + 90 * Math.sin(i * i)) / 100),
  },
  {
    family: "lattice",
    values: Float64Array.from({ length: 64 }, (_, j) => Math.round(-64 * Math.log1p(-(j + 0.5) / 64)) / 64),
    probabilities: new Float64Array(64).fill(1 / 64),
  },
];

/** Largest |approximate p / exact p − 1| from the mean to 10 standard deviations. */
function worstRatio(n: number, onLattice: boolean): number {
  let worst = 0;
  for (const law of laws) {
    const model = unitModel(law);
    if (model.kind !== "lattice") throw new Error("wanted laws on a fine lattice");
    const { first, second } = cumulants(model.factors, 0);
    for (const z of [0, 0.5, 1, 2, 3, 4, 5, 7, 10]) {
      const x = Math.round(n * first + z * Math.sqrt(n * second));
      const exact = logLatticeUpperTail(model.factors, n, x);
      if (exact === null || exact < -80) continue;
      const near = logSaddlepointUpperTail(model.factors, n, x, onLattice).logP;
      worst = Math.max(worst, Math.abs(Math.expm1(near - exact)));
    }
  }
  return worst;
}

describe("laws too sparse for the saddlepoint", () => {
  // One rare value far off: almost all of the tail is that single jump.
  const sparse: Law = {
    family: "lattice",
    values: Float64Array.of(-5, 1 / 3, 100_000),
    probabilities: Float64Array.of(0.5, 0.499999, 0.000001),
  };

  it("are listed exactly while they are small", () => {
    const once = -Math.expm1(50 * Math.log1p(-1e-6));
    expect(upperTail(sparse, 50, 1000)).toEqual({ log10PValue: expect.closeTo(Math.log10(once), 11), tail: "exact" });
    expect(upperTail(sparse, 1, 10)).toEqual({ log10PValue: expect.closeTo(-6, 13), tail: "exact" });
  });

  it("get Chernoff's bound, never a p below the truth", () => {
    const model = unitModel(sparse);
    if (model.kind !== "lattice") throw new Error("wanted a lattice");
    for (const n of [2, 10, 50]) {
      for (const statistic of [100, 1000, 12_345, 90_000]) {
        const truth = upperTail(sparse, n, statistic).log10PValue;
        const index = latticeIndex(model, n, statistic);
        const near = logSaddlepointUpperTail(model.factors, n, index, true);
        expect(near.tail).toBe("chernoff");
        expect(near.logP / Math.LN10).toBeGreaterThanOrEqual(truth);
      }
    }
  });
});

describe("Lugannani and Rice's approximation, measured against exact tails", () => {
  it("off by at most 2e-3 of p from 20 units and 2e-4 from 200 with the lattice correction", () => {
    expect(worstRatio(20, true)).toBeLessThan(2e-3);
    expect(worstRatio(200, true)).toBeLessThan(2e-4);
  });

  it("off by at most 1e-2 of p from 20 units and 4e-3 from 200 when the lattice is ignored", () => {
    expect(worstRatio(20, false)).toBeLessThan(1e-2);
    expect(worstRatio(200, false)).toBeLessThan(4e-3);
  });
});
