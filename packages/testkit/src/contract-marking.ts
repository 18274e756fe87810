import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { expect, test } from "vitest";
import { type ContractSubject, randomTokens, testKey } from "./contract-subject.ts";

/** Tests of `process`: what it may and may not do to logits. */
export function describeMarking({ name, makeScheme, vocabularySize }: ContractSubject): void {
  const scheme = makeScheme(testKey(`${name}/marking`));
  const { width, missing, least = 0 } = scheme.context;
  const random = seedrandom("logits");
  const context = randomTokens("context", width, vocabularySize);

  const makeLogits = (length: number): Float32Array => Float32Array.from({ length }, () => 6 * random());
  /** Marks a copy; a private coin falls the same way every time. */
  function marked(logits: Float32Array, seen: Int32Array, candidates?: Int32Array): Float32Array {
    const copy = logits.slice();
    scheme.process(copy, seen, { random: seedrandom("coin"), ...(candidates === undefined ? {} : { candidates }) });
    return copy;
  }

  test("the scheme is frozen, and says that it needs sampling if it selects or claims to be distortion-free", () => {
    expect(Object.isFrozen(scheme)).toBe(true);
    if (scheme.selects || scheme.distortionFree) expect(scheme.needsSampling).toBe(true);
  });

  test("sparse candidates are marked like the dense logits restricted to them", () => {
    for (let round = 0; round < 20; round++) {
      const candidates = distinctTokens(`candidates/${round}`, 40, vocabularySize);
      const sparse = makeLogits(40);
      sparse[7] = Number.NEGATIVE_INFINITY;
      const dense = new Float32Array(vocabularySize).fill(Number.NEGATIVE_INFINITY);
      for (let i = 0; i < 40; i++) dense[candidates[i]!] = sparse[i]!;
      const wide = softmax(marked(dense, context));
      const narrow = softmax(marked(sparse, context, candidates));
      for (let i = 0; i < 40; i++) expect(narrow[i]).toBeCloseTo(wide[candidates[i]!]!, 6);
      expect(wide.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
    }
  });

  test("the order of the candidates does not matter", () => {
    const candidates = distinctTokens("order", 40, vocabularySize);
    const logits = makeLogits(40);
    const forward = softmax(marked(logits, context, candidates));
    const backward = softmax(marked(logits.slice().reverse(), context, candidates.slice().reverse())).reverse();
    for (let i = 0; i < 40; i++) expect(backward[i]).toBeCloseTo(forward[i]!, 6);
  });

  test("marking is a function of logits, context and private draw, and reads the last tokens of the context only", () => {
    const logits = makeLogits(vocabularySize);
    const once = marked(logits, context);
    expect(marked(logits, context)).toEqual(once);
    expect(marked(logits, Int32Array.of(3, 1, 4, ...context))).toEqual(once);
    if (width > 0) {
      const others = Array.from({ length: 20 }, (_, i) =>
        marked(
          logits,
          context.map((token) => (token + i + 1) % 64),
        ),
      );
      expect(others.some((other) => !sameBytes(other, once))).toBe(true);
    }
  });

  test("−Infinity stays −Infinity, and the marked logits can be sampled", () => {
    for (let round = 0; round < 20; round++) {
      const logits = makeLogits(vocabularySize);
      for (let i = 0; i < vocabularySize; i += 3) logits[i] = Number.NEGATIVE_INFINITY;
      const after = marked(logits, context);
      for (let i = 0; i < vocabularySize; i += 3) expect(after[i]).toBe(Number.NEGATIVE_INFINITY);
      const finite = after.filter(Number.isFinite).length;
      if (scheme.selects) expect(finite).toBe(1);
      else expect(finite).toBeGreaterThan(0);
      expect(after.some((value) => Number.isNaN(value) || value === Number.POSITIVE_INFINITY)).toBe(false);
    }
  });

  test("a single possible token stays the only one", () => {
    const logits = new Float32Array(64).fill(Number.NEGATIVE_INFINITY);
    logits[9] = -2;
    expect(Array.from(softmax(marked(logits, context)), (p, i) => [i, p]).filter(([, p]) => p !== 0)).toEqual([[9, 1]]);
  });

  const fewest = missing === "unmarked" ? width : missing === "short" ? least : 0;
  if (fewest > 0) {
    test("a context of too few tokens leaves the logits alone", () => {
      const logits = makeLogits(64);
      for (let have = 0; have < fewest; have++)
        expect(sameBytes(marked(logits, context.subarray(0, have)), logits)).toBe(true);
    });
  }

  describeRefusals(scheme, context);
}

function describeRefusals(scheme: WatermarkScheme, context: Int32Array): void {
  const cases: readonly [what: string, code: string, logits: readonly number[]][] = [
    ["NaN", "nan-logits", [1, Number.NaN, 2]],
    ["+Infinity", "nan-logits", [1, Number.POSITIVE_INFINITY, 2]],
    ["only −Infinity", "all-masked", new Array<number>(3).fill(Number.NEGATIVE_INFINITY)],
    ["no logits", "bad-logits", []],
  ];
  for (const [what, code, values] of cases) {
    test(`${what} is refused (${code}) with the logits left as they were`, () => {
      for (const candidates of [undefined, values.map((_, i) => 2 * i)]) {
        const logits = Float32Array.from(values);
        const options = { random: () => 0.5, ...(candidates === undefined ? {} : { candidates }) };
        let caught: unknown;
        try {
          scheme.process(logits, context, options);
        } catch (error) {
          caught = error;
        }
        expect(caught).toBeInstanceOf(TokenmarkError);
        expect((caught as TokenmarkError).code).toBe(code);
        expect(Array.from(logits)).toEqual(Array.from(Float32Array.from(values)));
      }
    });
  }
}

function distinctTokens(seed: string, count: number, kinds: number): Int32Array {
  const random = seedrandom(seed);
  const all = Array.from({ length: kinds }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (kinds - i));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return Int32Array.from(all.slice(0, count));
}

function softmax(logits: Float32Array): Float64Array {
  const top = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const weights = Float64Array.from(logits, (value) => Math.exp(value - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Equality that tells −0 from 0 and NaNs of other payloads apart. */
function sameBytes(a: Float32Array, b: Float32Array): boolean {
  return Buffer.compare(new Uint8Array(a.buffer, a.byteOffset, a.byteLength), new Uint8Array(b.buffer)) === 0;
}
