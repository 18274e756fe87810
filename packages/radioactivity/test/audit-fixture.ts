import { createScheme, type SchemeConfig } from "@tokenmark/core";
import { testKey } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import {
  type AuditEvidence,
  createAuditPlan,
  type PlannedTest,
  type Predictions,
  type Transcript,
} from "../src/index.ts";

export const config: SchemeConfig = { scheme: "gumbel", contextWidth: 1 };
export const key = testKey("the deployer's");
export const scheme = createScheme(config, key);
const random = seedrandom("audit");
export const transcripts: Transcript[] = Array.from({ length: 20 }, () => ({
  prompt: [1, 2, 3],
  tokens: Array.from({ length: 60 }, () => Math.floor(200 * random())),
}));

/** Predictions that follow the key with a probability. */
export function predictionsOf(share: number): Predictions[] {
  return transcripts.map(({ prompt, tokens }) => {
    const all = [...Array.from(prompt), ...Array.from(tokens)];
    return Int32Array.from(tokens, (_, i) => {
      const drawn = Array.from({ length: 3 }, () => Math.floor(200 * random()));
      if (random() >= share) return drawn[0]!;
      const context = [all[prompt.length + i - 1]!];
      return drawn.reduce((best, token) => (scheme.score(context, token) > scheme.score(context, best) ? token : best));
    });
  });
}

/** Answers of a writer that follows the key with a probability, in its own contexts. */
export function answersOf(share: number): Transcript[] {
  return transcripts.map(({ prompt }) => {
    const tokens: number[] = [];
    for (let i = 0; i < 60; i++) {
      const context = [tokens.at(-1) ?? Array.from(prompt).at(-1)!];
      const drawn = Array.from({ length: 3 }, () => Math.floor(200 * random()));
      const best = drawn.reduce((one, token) =>
        scheme.score(context, token) > scheme.score(context, one) ? token : one,
      );
      tokens.push(random() < share ? best : drawn[0]!);
    }
    return { prompt, tokens };
  });
}

export const tests: PlannedTest[] = [
  { scheme: config, keyId: key.id, mode: "open" },
  { scheme: { scheme: "gumbel", contextWidth: 2 }, keyId: key.id, mode: "open" },
];
export const tokenizerSha256 = "a".repeat(64);
export const plan = createAuditPlan({
  hypothesis: "the suspect was trained on our answers",
  tests,
  transcripts,
  tokenizerSha256,
  controls: { wrongKeys: 1000 },
});
export const evidence = (predictions: readonly Predictions[], more: Partial<AuditEvidence> = {}): AuditEvidence => ({
  transcripts,
  tokenizerSha256,
  suspect: { name: "suspect", predictions },
  schemeOf: (test) => createScheme(test.scheme, key),
  wrongSchemeOf: (test, i) => createScheme(test.scheme, testKey(`wrong ${i}`)),
  ...more,
});

/** A model that never read marked text. */
export const base = (): NonNullable<AuditEvidence["controls"]>[number] => ({
  role: "base model",
  name: "base",
  predictions: predictionsOf(0),
});
