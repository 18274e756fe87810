import type { Key } from "@tokenmark/core";
import { diagnose } from "@tokenmark/detector";
import { createToySource, randomTokens, testKey, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { engineKey } from "../src/engine-key.ts";
import { engineRegistry, findContract } from "../src/registry.ts";
import { SUBJECTS, subjectScheme } from "./contract-subjects.ts";

const ALPHA = 0.05;
const TEXTS = 200;
const LENGTH = 60;
/** Contracts whose readings draw whole tables for each key get fewer texts. */
const DEAR = new Set([
  "hf-kgw-selfhash/cpu",
  "hf-synthid/cpu-table",
  "deepmind-synthid/0.2.1",
  "deepmind-synthid/main",
  "textseal-gumbelmax/v0.1",
]);
const DEAR_TEXTS = 40;

// Contracts without a law cannot be diagnosed at all; of several rows of one contract the last is the oddest.
const subjects = SUBJECTS.filter(
  (subject, i) =>
    SUBJECTS.findLastIndex(({ id }) => id === subject.id) === i &&
    subjectScheme(subject, testKey("law")).nullLaw.family !== "unknown",
);

/** Most alarms among n at alpha that chance exceeds with a probability below 1e-5: mean and 4.5 deviations, and one for the skew. */
const mostAlarms = (n: number): number => Math.ceil(n * ALPHA + 4.5 * Math.sqrt(n * ALPHA * (1 - ALPHA))) + 1;

describe(`unmarked text under each contract's profile is explained by a mistake in at most a share ${ALPHA} of ${TEXTS} texts, of ${DEAR_TEXTS} where a key is dear (chance of failing 1e-5 each)`, () => {
  const source = createToySource({ vocabularySize: 200, seed: "unmarked" });
  const totals = { texts: 0, findings: 0, declared: 0 };

  test.each(subjects)("$id", (subject) => {
    const { id, parameters, secrets, options } = subject;
    const contract = findContract(id);
    const texts = DEAR.has(id) ? DEAR_TEXTS : TEXTS;
    const keyOf = (key: Key) => engineKey(contract, secrets(key));
    const random = seedrandom(id);
    let [findings, declared] = [0, 0];
    for (let i = 0; i < texts; i++) {
      // Without a key only the text can be random, and only of uniform ids is the share of green ones known.
      const tokens = options?.keyless
        ? randomTokens(`${id}/${i}`, LENGTH, 1024)
        : writeToyText(source, { length: LENGTH, random });
      const key = keyOf(testKey(`${id}/${i}`));
      const answer = diagnose(
        tokens,
        { scheme: { scheme: id, ...parameters } },
        {
          key,
          registry: engineRegistry,
          alpha: ALPHA,
        },
      );
      expect(answer.correctedFor).toBeGreaterThan(answer.tried.length);
      if (answer.finding !== null) findings++;
      if (answer.declared.pValue <= ALPHA) declared++;
    }
    totals.texts += texts;
    totals.findings += findings;
    totals.declared += declared;
    expect(findings).toBeLessThanOrEqual(mostAlarms(texts));
    expect(declared).toBeLessThanOrEqual(mostAlarms(texts));
  });

  test("and in at most that share of all texts together: 112 of 4,000 as measured, 200 allowed by alpha", () => {
    expect(totals.texts).toBeGreaterThan(3000);
    expect(totals.findings).toBeLessThanOrEqual(mostAlarms(totals.texts));
    expect(totals.declared).toBeLessThanOrEqual(mostAlarms(totals.texts));
  });
});
