import { createLogitsProcessor, type WatermarkScheme } from "@tokenmark/core";
import { createDetector, detectTokens, scoreTokens } from "@tokenmark/detector";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { syntheticLogits, syntheticTokens } from "../src/speed/cases.ts";
import { type EngineCase, lefthashCase, SYNTHID_KEYS, synthidCase } from "../src/speed/engine-cases.ts";

const KEYS = [SYNTHID_KEYS, ["-918273645546372819", "9223372036854775807", "1", "65537", "654"], ["7"]];
const SYNTHID: readonly EngineCase[] = KEYS.map((keys, seed) => synthidCase(keys, seed));
const LEFTHASH: readonly (readonly [size: number, subject: EngineCase])[] = [
  ...[5, 101, 1024].flatMap((size) =>
    [15_485_863n, -918_273_645_546_372_819n].map((key) => [size, lefthashCase(size, key)] as const),
  ),
  [50_257, lefthashCase(50_257)],
];

/** Every seventh score masked, as top-k and bad words leave them. */
function maskedLogits(size: number, seed: string): Float32Array {
  return syntheticLogits(size, seed).map((logit, i) => (i % 7 === 3 ? Number.NEGATIVE_INFINITY : logit));
}

/**
 * log p of every token, so that rows which differ by a constant are one row, and nothing below 1e-10: how a double rounds 1 − m decides
 * there what is left of a loser.
 */
function logProbabilities(logits: Float32Array): Float64Array {
  const max = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0);
  return Float64Array.from(logits, (logit) => Math.max(Math.log(1e-10), logit - max - Math.log(total)));
}

/** Largest difference of two rows' log p. */
function distance(a: Float32Array, b: Float32Array): number {
  const [p, q] = [logProbabilities(a), logProbabilities(b)];
  return p.reduce((most, value, i) => Math.max(most, Math.abs(value - q[i]!)), 0);
}

const contexts = (count: number, width: number, vocabulary: number, seed: string): readonly Int32Array[] => {
  const random = seedrandom(seed);
  return Array.from({ length: count }, () =>
    Int32Array.from({ length: width }, () => Math.floor(random() * vocabulary)),
  );
};

describe("SynthID by masks and masses equals the tournament layer by layer", () => {
  // Below, at and beyond the table's 65,536 residues, and around the size from which patterns are used.
  it.each([2, 5, 512, 513, 5003, 65_536, 65_543, 151_936])("over whole rows of %i logits, masked or not", (size) => {
    for (const [at, { fast, plain }] of SYNTHID.entries()) {
      const [a, b] = [fast(), plain()];
      for (const context of contexts(2, 4, 262_144, `dense/${size}/${at}`)) {
        for (const base of [syntheticLogits(size, `row/${size}`), maskedLogits(size, `row/${size}`)]) {
          const [x, y] = [base.slice(), base.slice()];
          a.process(x, context);
          b.process(y, context);
          expect(distance(x, y)).toBeLessThan(2e-5);
        }
      }
    }
  });

  it.each([1, 40, 100, 700])(
    "over %i candidates anywhere in a vocabulary, which get what the whole row gives them",
    (count) => {
      const size = 151_936;
      for (const { fast, plain } of SYNTHID) {
        const [a, b, whole] = [fast(), plain(), fast()];
        // 7,919 and the size have no common factor, so that no token comes twice.
        const candidates = Int32Array.from({ length: count }, (_, i) => (i * 7919 + 65_000) % size);
        const base = syntheticLogits(count, `candidates/${count}`);
        const context = contexts(1, 4, size, "candidates")[0]!;
        const [x, y] = [base.slice(), base.slice()];
        a.process(x, context, { candidates });
        b.process(y, context, { candidates });
        expect(distance(x, y)).toBeLessThan(2e-5);
        const dense = new Float32Array(size).fill(Number.NEGATIVE_INFINITY);
        for (const [i, token] of candidates.entries()) dense[token] = base[i]!;
        whole.process(dense, context);
        expect(
          distance(
            Float32Array.from(candidates, (token) => dense[token]!),
            y,
          ),
        ).toBeLessThan(2e-5);
      }
    },
  );
});

describe("KGW lefthash by heads of permutations equals the whole permutation", () => {
  it.each(LEFTHASH)(
    "over %i logits, masked or not, dense and as candidates, for new contexts and for those met before",
    (size, { fast, plain }) => {
      const [a, b] = [fast(), plain()];
      const few = contexts(size > 10_000 ? 1 : 3, 1, size, `lefthash/${size}`);
      for (const context of [...few, ...few]) {
        for (const length of [size, size + 7, Math.max(1, size - 2)]) {
          const base = maskedLogits(length, `row/${length}`);
          const [x, y] = [base.slice(), base.slice()];
          a.process(x, context);
          b.process(y, context);
          expect(x).toEqual(y);
        }
        const candidates = Int32Array.from({ length: Math.min(100, size) }, (_, i) => (i * 7919) % size);
        const base = syntheticLogits(candidates.length, "candidates");
        const [x, y] = [base.slice(), base.slice()];
        a.process(x, context, { candidates });
        b.process(y, context, { candidates });
        expect(x).toEqual(y);
      }
    },
  );
});

/** A text with repeats near and far, pushed whole, so that lists are followed, drawn, kept and met again. */
function text(length: number, vocabulary: number): Int32Array {
  const tokens = syntheticTokens(length, vocabulary, `text/${vocabulary}`);
  tokens.copyWithin(length >> 1, 0, length >> 3);
  return tokens;
}

function expectEqualDetection(fast: WatermarkScheme, plain: WatermarkScheme, tokens: Int32Array): void {
  const { scheme: _name, ...expected } = detectTokens(plain, tokens);
  expect(expected.tokensScored).toBeGreaterThan(0);
  expect(detectTokens(fast, tokens)).toMatchObject(expected);
  expect(scoreTokens(fast, tokens)).toEqual(scoreTokens(plain, tokens));
}

describe("detection", () => {
  it("of SynthID counts the same ones and the same repeats as hash by hash, to the last bit of p", () => {
    for (const { fast, plain } of SYNTHID) {
      for (const vocabulary of [3, 101, 151_936]) expectEqualDetection(fast(), plain(), text(6000, vocabulary));
      expectEqualDetection(fast(), plain(), text(2, 101));
    }
  });

  it("of KGW lefthash finds the same green tokens as whole permutations, one token at a time too", () => {
    for (const [size, { fast, plain }] of LEFTHASH) {
      const tokens = text(size > 10_000 ? 150 : 6000, size);
      const scheme = fast();
      expectEqualDetection(scheme, plain(), tokens);
      for (let at = 1; at < 40; at++) {
        const context = tokens.subarray(0, at);
        expect(scheme.score(context, tokens[at]!)).toBe(plain().score(context, tokens[at]!));
      }
    }
  });

  it("of KGW lefthash is the same when a text comes in pieces, whose contexts are followed first and drawn later", () => {
    const { fast, plain } = lefthashCase(1024);
    const tokens = text(3000, 1024);
    const scheme = fast();
    const [expected, out] = [new Float64Array(tokens.length), new Float64Array(200)];
    plain().scoreAll({ tokens, start: 0, promptKnown: true }, expected, new Uint32Array(2 * tokens.length));
    for (let start = 0; start < tokens.length; start += 200) {
      const piece = { tokens: tokens.subarray(0, start + 200), start, promptKnown: true };
      scheme.scoreAll(piece, out, new Uint32Array(400));
      expect(out).toEqual(expected.slice(start, start + 200));
    }
    const long = text(7000, 1024);
    const detector = createDetector(fast());
    for (const [from, to] of [
      [0, 900],
      [900, 6400],
      [6400, 7000],
    ])
      detector.push(long.subarray(from, to));
    expect(detector.result()).toEqual(detectTokens(fast(), long));
  });
});

describe("generation", () => {
  it("marks, skips and repeats the same steps, and a text that walks in a circle is left alone the second time", () => {
    for (const [{ fast, plain }, outcomes] of [
      [synthidCase(), ["marked", "repeated-context"]],
      [lefthashCase(101), ["marked", "short-context"]],
    ] as const) {
      const [a, b] = [fast(), plain()].map((scheme) => createLogitsProcessor(scheme, { promptLength: 0 }));
      const tokens: number[] = [];
      const met = new Set<string>();
      for (let step = 0; step < 30; step++) {
        const base = syntheticLogits(101, `step/${step}`);
        const [x, y] = [base.slice(), base.slice()];
        const outcome = a!.mark(x, tokens);
        met.add(outcome);
        expect(b!.mark(y, tokens)).toBe(outcome);
        expect(distance(x, y)).toBeLessThan(2e-5);
        if (outcome !== "marked") expect(x).toEqual(base);
        tokens.push((step % 9) * 11);
      }
      expect([...met].sort()).toEqual([...outcomes].sort());
    }
  });
});
