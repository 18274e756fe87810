import { dualGumbel, gumbel, type Key, kgw, synthid, unigram, type WatermarkScheme } from "@tokenmark/core";
import { detectTokens } from "@tokenmark/detector";
import { ksUniform } from "@tokenmark/stats";
import { createToySource, testKey, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { alarmTail, randomisedP } from "./null-texts.ts";

const TEXTS = 600;
const PROMPT = 40;
const LEVELS = [0.1, 0.01];
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
const source = createToySource({ vocabularySize: 64, seed: "prompted" });

/** Somebody's own words with passages of the prompt quoted between them, from its first token on in every third text. */
function quote(prompt: Int32Array, i: number, random: () => number): number[] {
  const own = (): number[] => Array.from(writeToyText(source, { length: 5 + Math.floor(15 * random()), random }));
  const passage = (from: number): number[] =>
    Array.from(prompt.subarray(from, from + 5 + Math.floor((PROMPT - 5) * random())));
  const anywhere = (): number[] => passage(Math.floor((PROMPT - 5) * random()));
  return [...(i % 3 === 0 ? passage(0) : own()), ...anywhere(), ...own(), ...anywhere()];
}

describe.each(schemes)(
  `%s on ${TEXTS} texts that quote a marked prompt, a fresh key for every text, the prompt known`,
  (name, makeScheme) => {
    const random = seedrandom(`prompted/${name}`);
    const results = Array.from({ length: TEXTS }, (_, i) => {
      const scheme = makeScheme(testKey(`prompted/${name}/${i}`));
      const prompt = writeToyText(source, { length: PROMPT, scheme, random });
      const tokens = [...prompt, ...quote(prompt, i, random)];
      const span = { start: PROMPT, promptKnown: true };
      return {
        scheme,
        detection: detectTokens(scheme, tokens, span),
        trusting: detectTokens(scheme, tokens, { ...span, dropPromptUnits: false }),
      };
    });

    for (const alpha of LEVELS) {
      const count = results.filter(({ detection }) => detection.pValue <= alpha).length;
      test(`P(p ≤ ${alpha}) ≤ ${alpha}: ${count} of ${TEXTS}, within the exact binomial bound at ${FALSE_ALARM}`, () => {
        expect(alarmTail(count, TEXTS, alpha)).toBeGreaterThanOrEqual(FALSE_ALARM);
      });
    }

    test("had the prompt's units been counted, the quotations would have raised alarms", () => {
      const alarms = results.filter(({ trusting }) => trusting.pValue <= 0.01).length;
      expect(alarmTail(alarms, TEXTS, 0.01)).toBeLessThan(FALSE_ALARM);
    });

    // Where a token itself is the unit, a word that the marked prompt lacks is a little less likely to be green: p is then larger.
    if (results[0]!.scheme.unit !== "context") return;
    test("the (randomised) p-value is uniform", () => {
      const ks = ksUniform(results.map(({ scheme, detection }) => randomisedP(scheme, detection, random())));
      expect(ks.pValue).toBeGreaterThanOrEqual(FALSE_ALARM);
    });
  },
);
