import { dualGumbel, gumbel, type Key, kgw, synthid, unigram, type WatermarkScheme } from "@tokenmark/core";
import { ksUniform } from "@tokenmark/stats";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { alarmTail, detectNulls, randomisedP, writeNullTexts } from "./null-texts.ts";

const TEXTS = 3000;
const LEVELS = [0.1, 0.01, 0.001];
/** A run in which everything is right fails a single check with this probability; seeds are fixed. */
const FALSE_ALARM = 1e-5;

const schemes: readonly [string, (key: Key) => WatermarkScheme][] = [
  ["gumbel", (key) => gumbel(key)],
  ["gumbel, width 1", (key) => gumbel(key, { contextWidth: 1 })],
  ["dual-gumbel", (key) => dualGumbel(key)],
  ["kgw lefthash, width 1", (key) => kgw(key, { seeding: "lefthash", contextWidth: 1 })],
  ["kgw minhash", (key) => kgw(key, { seeding: "minhash" })],
  ["kgw selfhash", (key) => kgw(key)],
  ["unigram", (key) => unigram(key)],
  ["synthid", (key) => synthid(key)],
];

const texts = writeNullTexts(TEXTS);

describe.each(schemes)(
  `%s on ${TEXTS} texts, a fresh key for every text, a third of them repetitive`,
  (name, makeScheme) => {
    const nulls = detectNulls(name, makeScheme, texts);
    const random = seedrandom(`randomised/${name}`);
    const ks = ksUniform(nulls.map(({ scheme, detection }) => randomisedP(scheme, detection, random())));

    test(`the (randomised) p-value is uniform: Kolmogorov–Smirnov p = ${ks.pValue.toFixed(3)} ≥ ${FALSE_ALARM}, the false-alarm rate`, () => {
      expect(ks.pValue).toBeGreaterThanOrEqual(FALSE_ALARM);
    });

    for (const alpha of LEVELS) {
      const count = nulls.filter(({ detection }) => detection.pValue <= alpha).length;
      test(`P(p ≤ ${alpha}) ≤ ${alpha}: ${count} of ${TEXTS}, within the exact binomial bound at ${FALSE_ALARM}`, () => {
        expect(alarmTail(count, TEXTS, alpha)).toBeGreaterThanOrEqual(FALSE_ALARM);
      });
    }

    test("every p of a law with an exact tail says so", () => {
      expect(new Set(nulls.map(({ detection }) => detection.tail))).toEqual(new Set(["exact"]));
    });
  },
);
