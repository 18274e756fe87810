import { createScheme, type SchemeConfig, type TokenId, type WatermarkScheme } from "@tokenmark/core";
import { ksUniform } from "@tokenmark/stats";
import { testKey } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import {
  closedProbe,
  contextFilter,
  openProbe,
  type Transcript,
  testTally,
  testWrongKeys,
  traceKeys,
} from "../src/index.ts";

const VOCABULARY = 300;
const GUMBEL: SchemeConfig = { scheme: "gumbel", contextWidth: 2 };
const schemes: readonly SchemeConfig[] = [
  { scheme: "kgw", gamma: 0.25, delta: 3, seeding: "lefthash", contextWidth: 1 },
  { scheme: "kgw", gamma: 0.25, delta: 3, seeding: "minhash", contextWidth: 2 },
  GUMBEL,
  { scheme: "synthid", depth: 10, leaves: 2, contextWidth: 1 },
];
const named = schemes.map(
  (config) => [`${config.scheme} ${"contextWidth" in config ? config.contextWidth : 0}`, config] as const,
);
const under = (config: SchemeConfig, name: string): WatermarkScheme => createScheme(config, testKey(name));

/** The token of highest score among a few drawn ones: marked text of a strong mark. */
function markedToken(scheme: WatermarkScheme, before: readonly TokenId[], random: () => number): TokenId {
  const context = scheme.context.width === 0 ? [] : before.slice(-scheme.context.width);
  const drawn = Array.from({ length: 4 }, () => Math.floor(VOCABULARY * random() ** 2));
  if (context.length < scheme.context.width) return drawn[0]!;
  return drawn.reduce((best, token) => (scheme.score(context, token) > scheme.score(context, best) ? token : best));
}

function markedTranscripts(scheme: WatermarkScheme, count: number, length: number, seed: string): Transcript[] {
  const random = seedrandom(seed);
  return Array.from({ length: count }, () => {
    const prompt = Array.from({ length: 4 }, () => Math.floor(VOCABULARY * random()));
    const all = [...prompt];
    while (all.length < prompt.length + length) all.push(markedToken(scheme, all, random));
    return { prompt, tokens: all.slice(prompt.length) };
  });
}

/** A clean student that copies: behind an n-gram that its context holds already it predicts what stood there, else anything. */
function copyingPredictions({ prompt, tokens }: Transcript, width: number, random: () => number): Int32Array {
  const all = [...Array.from(prompt), ...Array.from(tokens)];
  return Int32Array.from(tokens, (_, i) => {
    const end = prompt.length + i;
    const wanted = all.slice(end - width, end).join();
    for (let at = end - 1; at >= Math.max(width, 1); at--) {
      if (all.slice(at - width, at).join() === wanted) return all[at]!;
    }
    return Math.floor(VOCABULARY * random());
  });
}

describe.each(named)("open mode, %s", (_, config) => {
  const width = under(config, "teacher").context.width;

  it("a student that learnt the marked n-grams is found, under the right key only", () => {
    const teacher = under(config, "teacher");
    const transcripts = markedTranscripts(teacher, 30, 100, "learnt");
    // It predicts the token that the mark favours, half of the time.
    const random = seedrandom("student");
    const predictions = transcripts.map(({ prompt, tokens }) => {
      const all = [...Array.from(prompt), ...Array.from(tokens)];
      return Int32Array.from(tokens, (_, i) =>
        random() < 0.5
          ? markedToken(teacher, all.slice(0, prompt.length + i), random)
          : Math.floor(VOCABULARY * random()),
      );
    });
    const probe = openProbe(transcripts, predictions, width);
    expect(testTally(teacher, probe.tally(teacher)).log10PValue).toBeLessThan(-4);
    const other = under(config, "somebody else's");
    expect(testTally(other, probe.tally(other)).log10PValue).toBeGreaterThan(-3);
  });

  it("a clean student that copies from marked transcripts has uniform p-values (one false alarm in a thousand runs)", () => {
    const pValues = Array.from({ length: 60 }, (_, run) => {
      const teacher = under(config, `teacher ${run}`);
      const transcripts = markedTranscripts(teacher, 6, 80, `copied ${run}`);
      const random = seedrandom(`copier ${run}`);
      const predictions = transcripts.map((transcript) => copyingPredictions(transcript, width, random));
      return Math.min(1, testTally(teacher, openProbe(transcripts, predictions, width).tally(teacher)).pValue);
    });
    // Discrete laws are a little larger than uniform: only the lower side convicts anybody.
    expect(pValues.filter((p) => p <= 0.05).length).toBeLessThanOrEqual(10);
    if (config.scheme === "gumbel") expect(ksUniform(pValues).pValue).toBeGreaterThan(0.001);
  });
});

describe("what would go wrong without the rules", () => {
  it("counting copies makes the same clean student look guilty", () => {
    const config = GUMBEL;
    const teacher = under(config, "teacher");
    // Phrases that come again, as in real answers.
    const transcripts = markedTranscripts(teacher, 30, 40, "phrases").map(({ prompt, tokens }) => ({
      prompt,
      tokens: [...Array.from(tokens), ...Array.from(tokens)],
    }));
    const random = seedrandom("copier");
    const predictions = transcripts.map((transcript) => copyingPredictions(transcript, 2, random));
    const honest = openProbe(transcripts, predictions, 2).tally(teacher);
    expect(testTally(teacher, honest).log10PValue).toBeGreaterThan(-3);
    expect(honest.copied).toBeGreaterThan(800);
    // Each half by itself: the copy stands at the first occurrence of its context.
    const naive = openProbe(
      transcripts.map(({ tokens }) => ({ prompt: tokens.slice(38, 40), tokens: tokens.slice(40) })),
      predictions.map((row) => row.slice(40)),
      2,
    ).tally(teacher);
    expect(testTally(teacher, naive).log10PValue).toBeLessThan(-6);
  });

  it("a unit counts once however many transcripts hold it, and clusters add up to the whole", () => {
    const teacher = under(GUMBEL, "teacher");
    const [one] = markedTranscripts(teacher, 1, 60, "one");
    const predictions = Int32Array.from(one!.tokens, (_, i) => (7 * i) % VOCABULARY);
    const once = openProbe([one!], [predictions], 2).tally(teacher);
    const thrice = openProbe([one!, one!, one!], [predictions, predictions, predictions], 2).tally(teacher);
    expect(thrice.tokensScored).toBe(once.tokensScored);
    expect(thrice.statistic).toBeCloseTo(once.statistic, 9);
    expect(thrice.repeated).toBe(2 * once.tokensScored + 3 * once.repeated);
    expect(thrice.clusters.reduce((sum, { tokensScored }) => sum + tokensScored, 0)).toBe(thrice.tokensScored);
    expect(thrice.positions).toBe(180);
  });

  it("of unigram, whose PRF sees the token alone, no more units count than there are tokens", () => {
    const teacher = under({ scheme: "unigram", gamma: 0.5, delta: 3 }, "teacher");
    const transcripts = markedTranscripts(teacher, 20, 80, "unigram");
    const random = seedrandom("anything");
    const predictions = transcripts.map(({ tokens }) => Int32Array.from(tokens, () => Math.floor(40 * random())));
    expect(openProbe(transcripts, predictions, 0).tally(teacher).tokensScored).toBeLessThanOrEqual(40);
  });

  it("a position without a prediction, or with too few tokens before it, is left out", () => {
    const teacher = under(GUMBEL, "teacher");
    const probe = openProbe([{ prompt: [], tokens: [1, 2, 3, 4] }], [Int32Array.of(-1, 5, 6, -1)], 2);
    expect(probe.tally(teacher)).toMatchObject({ positions: 4, tokensScored: 1 });
  });

  it("refuses what does not fit together", () => {
    const teacher = under(GUMBEL, "teacher");
    expect(() => openProbe([], [], 2)).toThrow(/transcripts: wanted at least one/);
    expect(() => openProbe([{ prompt: [1], tokens: [2] }], [], 2)).toThrow(/wanted one list a transcript \(1\), got 0/);
    expect(() => openProbe([{ prompt: [1], tokens: [2] }], [Int32Array.of()], 2)).toThrow(/rows\[0\]: wanted one/);
    expect(() => openProbe([{ prompt: [1.5], tokens: [2] }], [Int32Array.of(1)], 2)).toThrow(/token ids, got 1\.5/);
    expect(() => openProbe([{ prompt: [1], tokens: [2] }], [Int32Array.of(1)], 1).tally(teacher)).toThrow(
      /wanted a context width of 1, got 2/,
    );
  });
});

describe("closed mode", () => {
  it("with the filter only contexts of the teacher's log count", () => {
    const teacher = under(GUMBEL, "teacher");
    const log: Transcript[] = [{ prompt: [9], tokens: [1, 2, 3] }];
    const filter = contextFilter(log, 2);
    expect(filter.size).toBe(2);
    expect([filter.has([9, 1, 0], 2), filter.has([1, 2, 0], 2), filter.has([2, 3, 0], 2)]).toEqual([true, true, false]);
    const answers: Transcript[] = [{ prompt: [1, 2], tokens: [7, 1, 2, 8, 9, 1, 5] }];
    expect(closedProbe(answers, 2).tally(teacher).tokensScored).toBe(6);
    // (1 2) → 7 and (9 1) → 5; the second (1 2) is a copy of the first context.
    expect(closedProbe(answers, 2, filter).tally(teacher)).toMatchObject({ tokensScored: 2, copied: 1 });
  });

  it("marked answers are found with and without the filter", () => {
    const teacher = under(schemes[0]!, "teacher");
    const log = markedTranscripts(teacher, 40, 80, "log");
    const answers = markedTranscripts(teacher, 20, 80, "answers");
    const all = testTally(teacher, closedProbe(answers, 1).tally(teacher));
    const filtered = testTally(teacher, closedProbe(answers, 1, contextFilter(log, 1)).tally(teacher));
    expect(all.log10PValue).toBeLessThan(-6);
    expect(filtered.log10PValue).toBeLessThan(-6);
    expect(filtered.tokensScored).toBeLessThanOrEqual(all.tokensScored);
  });
});

describe("wrong keys", () => {
  const teacher = under(GUMBEL, "teacher");
  const transcripts = markedTranscripts(teacher, 10, 80, "wrong keys");
  const random = seedrandom("anything");
  const predictions = transcripts.map(({ tokens }) => Int32Array.from(tokens, () => Math.floor(VOCABULARY * random())));
  const probe = openProbe(transcripts, predictions, 2);
  const suspect = testTally(teacher, probe.tally(teacher));

  it("find the tail right where it is right (two false alarms in a hundred runs)", () => {
    const test = testWrongKeys(probe, { scheme: teacher, test: suspect }, (i) => under(GUMBEL, `wrong ${i}`), 400);
    expect(test.ksPValue).toBeGreaterThan(0.01);
    expect(test.dispersionInterval[0]).toBeLessThan(1);
    expect(test.dispersionInterval[1]).toBeGreaterThan(1);
    expect(test.dispersedLog10PValue).toBeNull();
    expect(test.rankPValue).toBeGreaterThan(0.01);
  });

  it("find a tail too narrow where units depend on each other, and print what the evidence is worth then", () => {
    // A scheme that lies about its law: half of the units' variance is declared away.
    const narrow = (name: string): WatermarkScheme => {
      const honest = under(GUMBEL, name);
      return {
        ...honest,
        score: (context, token) => 1 + 2 * (honest.score(context, token) - 1),
        scoreAll(span, out, units) {
          honest.scoreAll(span, out, units);
          for (let i = 0; i < span.tokens.length; i++) out[i] = 1 + 2 * (out[i]! - 1);
        },
      };
    };
    const statistic = suspect.tokensScored + 6 * Math.sqrt(suspect.tokensScored);
    const strong = testTally(teacher, { ...probe.tally(teacher), statistic });
    const test = testWrongKeys(probe, { scheme: teacher, test: strong }, (i) => narrow(`wrong ${i}`), 200);
    // A variance of 4 leaves half of six deviations: 1e-2.9 under a normal law, somewhat more under this skewed one.
    expect(test.dispersionInterval[0]).toBeGreaterThan(2);
    expect(test.dispersedLog10PValue).toBeGreaterThan(-3.5);
    expect(test.dispersedLog10PValue).toBeLessThan(-2);
    expect(test.dispersedLog10PValue).toBeGreaterThan(strong.log10PValue);
    expect(() => testWrongKeys(probe, { scheme: teacher, test: suspect }, () => teacher, 5)).toThrow(
      /at least 20 wrong keys, got 5/,
    );
  });
});

describe("tracing", () => {
  it("names the two keys that a student learnt from among 300 registered ones, and no other", () => {
    const registered = Array.from({ length: 300 }, (_, i) => ({
      id: `account ${i}`,
      scheme: under(GUMBEL, `account ${i}`),
    }));
    const random = seedrandom("two customers");
    const transcripts = [17, 230].flatMap((i) => markedTranscripts(registered[i]!.scheme, 15, 80, `of ${i}`));
    const predictions = transcripts.map(({ prompt, tokens }, row) => {
      const all = [...Array.from(prompt), ...Array.from(tokens)];
      const teacher = registered[row < 15 ? 17 : 230]!.scheme;
      return Int32Array.from(tokens, (_, i) =>
        random() < 0.5
          ? markedToken(teacher, all.slice(0, prompt.length + i), random)
          : Math.floor(VOCABULARY * random()),
      );
    });
    const probe = openProbe(transcripts, predictions, 2);
    const trace = traceKeys(
      registered.map((key) => ({ ...key, probe })),
      1e-3,
    );
    expect(trace.named.map(({ id }) => id).sort()).toEqual(["account 17", "account 230"]);
    expect(trace).toMatchObject({ correctedFor: 300, alpha: 1e-3 });
    expect(trace.next!.correctedPValue).toBeGreaterThan(1e-3);
    expect(trace.others!.keys).toBe(298);
    expect(trace.others!.ksPValue).toBeGreaterThan(1e-3);
    expect(trace.others!.atOrBelow[0]).toBeLessThan(12);
  });

  it("names nobody for a clean student more often than its error says (200 audits at .05: at most 20)", () => {
    let accused = 0;
    for (let audit = 0; audit < 200; audit++) {
      const registered = Array.from({ length: 5 }, (_, i) => ({ id: `${i}`, scheme: under(GUMBEL, `${audit} ${i}`) }));
      const transcripts = markedTranscripts(registered[0]!.scheme, 2, 60, `clean ${audit}`);
      const random = seedrandom(`clean ${audit}`);
      const predictions = transcripts.map((transcript) => copyingPredictions(transcript, 2, random));
      const probe = openProbe(transcripts, predictions, 2);
      const keys = registered.map((key) => ({ ...key, probe }));
      accused += +(traceKeys(keys, 0.05).named.length > 0);
    }
    expect(accused).toBeLessThanOrEqual(20);
  });
});
