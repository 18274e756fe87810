import { gumbel } from "@tokenmark/core";
import { createToySource, lawFacts, testKey, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { expect, test } from "vitest";

function entropy(logits: Float32Array): number {
  const weights = Array.from(logits, Math.exp);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return -weights.reduce((sum, weight) => sum + (weight / total) * Math.log(weight / total), 0);
}

test("the toy source has the entropy of text, 4 to 6 nats a token, and favourites that depend on the token before", () => {
  const source = createToySource({ seed: "a" });
  const rows = Array.from({ length: 30 }, (_, token) => source.logitsAfter([token]));
  const mean = rows.reduce((sum, row) => sum + entropy(row), 0) / rows.length;
  expect(mean).toBeGreaterThan(4);
  expect(mean).toBeLessThan(6);
  expect(new Set(rows.map((row) => row.indexOf(Math.max(...row)))).size).toBeGreaterThan(10);
});

test("the same seed gives the same logits, in arrays of one's own; another seed gives others", async () => {
  const source = createToySource({ seed: "a" });
  const first = source.logitsAfter([7]);
  first.fill(0);
  expect(source.logitsAfter([7])).toEqual(createToySource({ seed: "a" }).logitsAfter([7]));
  expect((await source.next([3, 7])).logits).toEqual(source.logitsAfter([7]));
  expect(source.logitsAfter([7])).not.toEqual(createToySource({ seed: "b" }).logitsAfter([7]));
});

test("toy texts have the length asked for and repeat with their seed", () => {
  const source = createToySource({ seed: "a" });
  const write = () =>
    writeToyText(source, { length: 50, random: seedrandom("text"), scheme: gumbel(testKey("toy")), prompt: [1, 2] });
  expect(write().length).toBe(50);
  expect(write()).toEqual(write());
});

test("moments of the laws: fair bit, two exponentials, a die; none for an unknown law", () => {
  expect(lawFacts({ family: "bernoulli", p: 0.5, weights: [1] })).toEqual({
    mean: 0.5,
    variance: 0.25,
    squareVariance: 0,
  });
  expect(lawFacts({ family: "exponential", weights: [1, 2] })).toEqual({ mean: 3, variance: 5, squareVariance: 152 });
  const die = lawFacts({
    family: "lattice",
    values: Float64Array.of(1, 2, 3, 4, 5, 6),
    probabilities: new Float64Array(6).fill(1 / 6),
  })!;
  expect(die.mean).toBeCloseTo(3.5, 12);
  expect(die.variance).toBeCloseTo(35 / 12, 12);
  expect(die.squareVariance).toBeCloseTo(707 / 48 - (35 / 12) ** 2, 12);
  expect(lawFacts({ family: "unknown", why: "no reason" })).toBeNull();
});
