import { describe, expect, it } from "vitest";
import { Key } from "../src/index.ts";
import { chaskey12, chaskeySchedule } from "../src/prf/chaskey.ts";
import { mixSecondWord, mixWord, uniform52 } from "../src/prf/mix.ts";

/** Both words of the PRF over all of: keys × contexts × tokens, as one long row of word pairs. */
function pairs(keys: number, contexts: number, tokens: number): Int32Array {
  const rows = new Int32Array(2 * keys * contexts * tokens);
  const state = new Int32Array(4);
  let at = 0;
  for (let k = 0; k < keys; k++) {
    const schedule = chaskeySchedule(Key.fromHex(k.toString(16).padStart(64, "0")).bytes("prf-quality", 16));
    for (let c = 0; c < contexts; c++) {
      // Neighbouring contexts differ in one low bit of one token.
      chaskey12(schedule, Int32Array.of(7, 7, 7 + (c >> 4), c & 15), 0, 4, state);
      for (let t = 0; t < tokens; t++) {
        const word = mixWord(state[0]!, state[1]!, state[2]!, t);
        rows[at++] = word;
        rows[at++] = mixSecondWord(state[3]!, word);
      }
    }
  }
  return rows;
}

/** Largest |z| over bit pairs (i of word a, j of word b) of "the two bits agree", N fair coins each if independent. */
function worstAgreement(
  a: (n: number) => number,
  b: (n: number) => number,
  n: number,
  same: boolean,
): { worst: number; tests: number } {
  const agree = new Float64Array(1024);
  for (let k = 0; k < n; k++) {
    const x = a(k);
    const y = b(k);
    for (let shift = 0; shift < 32; shift++) {
      // Bit i of x against bit i + shift of y, 32 pairs at once.
      const differ = x ^ ((y >>> shift) | (y << ((32 - shift) & 31)));
      for (let i = 0; i < 32; i++) agree[shift * 32 + i]! += 1 - ((differ >>> i) & 1);
    }
  }
  let worst = 0;
  let tests = 0;
  for (let at = 0; at < 1024; at++) {
    if (same && at < 32) continue;
    tests++;
    worst = Math.max(worst, Math.abs(agree[at]! - n / 2) / Math.sqrt(n / 4));
  }
  return { worst, tests };
}

/** |z| that the largest of `tests` standard normals exceeds with probability below 1e-4 (Bonferroni, Mills' ratio). */
function bound(tests: number): number {
  let z = 3;
  while ((2 * tests * Math.exp((-z * z) / 2)) / (z * Math.sqrt(2 * Math.PI)) > 1e-4) z += 0.01;
  return z;
}

const TOKENS = 4096;
const rows = pairs(4, 16, TOKENS);
const N = rows.length / 2;

describe("PRF bits over 4 keys × 16 neighbouring contexts × 4,096 tokens (262,144 words; false alarm 1e-4 a test, fixed seed)", () => {
  it("are fair, each of the 64", () => {
    let worst = 0;
    for (let bit = 0; bit < 64; bit++) {
      let ones = 0;
      for (let n = 0; n < N; n++) ones += (rows[2 * n + (bit >> 5)]! >>> (bit & 31)) & 1;
      worst = Math.max(worst, Math.abs(ones - N / 2) / Math.sqrt(N / 4));
    }
    expect(worst).toBeLessThan(bound(64));
  });

  it.each([
    ["within a word (layers)", 0, 0, 0],
    ["between the two words", 0, 1, 0],
    ["between neighbouring tokens", 0, 0, 1],
    ["between tokens 64 apart", 0, 0, 64],
    ["between neighbouring contexts", 0, 0, TOKENS],
    ["between keys", 0, 0, 16 * TOKENS],
  ])("agree no more than coins %s", (_what, first, second, lag) => {
    const n = N - lag;
    const { worst, tests } = worstAgreement(
      (k) => rows[2 * k + first]!,
      (k) => rows[2 * (k + lag) + second]!,
      n,
      lag === 0 && first === second,
    );
    expect(worst).toBeLessThan(bound(tests));
  });

  it("make uniform numbers: 4,096 bins by chi-square", () => {
    const bins = new Float64Array(4096);
    for (let n = 0; n < N; n++) bins[Math.floor(uniform52(rows[2 * n]!, rows[2 * n + 1]!) * 4096)]! += 1;
    const expected = N / 4096;
    const chi2 = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // Wilson and Hilferty 1931: the cube root of chi-square/df is nearly normal.
    const df = 4095;
    const z = ((chi2 / df) ** (1 / 3) - (1 - 2 / (9 * df))) / Math.sqrt(2 / (9 * df));
    expect(Math.abs(z)).toBeLessThan(3.9);
  });
});

describe("uniform52", () => {
  it("stays strictly inside (0, 1) at both ends, so that logarithms are finite", () => {
    expect(uniform52(0, 0)).toBe(2 ** -53);
    expect(uniform52(-1, -1)).toBe(1 - 2 ** -53);
  });
});
