import { createScheme, type Key, TokenmarkError } from "@tokenmark/core";
import { detectTokens, diagnose, scoreTokens } from "@tokenmark/detector";
import { randomTokens, testKey } from "@tokenmark/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { engineKey, secretsOf } from "../src/engine-key.ts";
import { readFields } from "../src/field.ts";
import { engineContracts, engineRegistry, findContract } from "../src/registry.ts";
import { SUBJECTS, type Subject } from "./contract-subjects.ts";

/** The code of the one error that a call must throw; anything else that is thrown fails the test. */
function codeOf(call: () => unknown): string | null {
  try {
    call();
  } catch (error) {
    if (!(error instanceof TokenmarkError)) throw error;
    expect(error.message.length).toBeGreaterThan(10);
    return error.code;
  }
  return null;
}

/** Paths of all numbers in a record that are NaN or infinite, −Infinity and the like included. */
function badNumbers(value: unknown, path = ""): readonly string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [`${path} = ${value}`];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => badNumbers(part, `${path}.${name}`));
}

// Wrong for every parameter and secret there is, whatever its kind.
const WRONG: readonly (readonly [what: string, value: unknown])[] = [
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["−Infinity", Number.NEGATIVE_INFINITY],
  ["1e300", 1e300],
  ["−1e300", -1e300],
  ["2^60 as a JSON number", 2 ** 60],
  ["an object", {}],
  ["a list of lists", [[]]],
  ["a function", () => 1],
  ["a symbol", Symbol("wrong")],
  ["a word", "plugh xyzzy"],
  ["nothing written", ""],
  ["2^70", 2n ** 70n],
];

const subjectOf = (id: string): Subject => SUBJECTS.find((subject) => subject.id === id)!;
const keyOf = (subject: Subject): Key => engineKey(findContract(subject.id), subject.secrets(testKey("bad input")));
const IDS = engineContracts.map(({ id }) => id);

test.each(["nobody/has-this", "", "__proto__", "constructor", "HF-SYNTHID/CPU-TABLE"])(
  "an id that nobody has is one error: %j",
  (id) => {
    expect(codeOf(() => findContract(id))).toBe("unknown-contract");
    const scheme = { scheme: id };
    const key = keyOf(subjectOf(IDS[0]!));
    expect(codeOf(() => createScheme(scheme, key, { registry: engineRegistry }))).not.toBeNull();
    expect(codeOf(() => diagnose([1, 2], { scheme }, { key, registry: engineRegistry }))).not.toBeNull();
  },
);

describe.each(IDS)("%s", (id) => {
  const contract = findContract(id);
  const subject = subjectOf(id);
  const { parameters } = subject;
  const key = keyOf(subject);
  const secrets = subject.secrets(testKey("bad input"));
  const factory = engineRegistry[id]!;
  const given = factory.parse(parameters);
  const needsVocabulary = Object.hasOwn(contract.parameters, "vocab_size");

  test("each parameter refuses what is wrong, and names itself", () => {
    for (const name of Object.keys(contract.parameters)) {
      for (const [what, value] of WRONG) {
        expect([name, what, codeOf(() => factory.parse({ ...parameters, [name]: value }))]).toEqual([
          name,
          what,
          "bad-config",
        ]);
      }
      expect(() => factory.parse({ ...parameters, [name]: {} })).toThrow(name);
    }
    expect(codeOf(() => factory.parse({ ...parameters, plugh: 1 }))).toBe("bad-config");
    for (const whole of [null, [], "x", 3]) {
      expect(codeOf(() => readFields(id, contract.parameters, whole, "bad-config"))).toBe("bad-config");
    }
  });

  test("each secret refuses what is wrong, and no message shows a value", () => {
    for (const name of Object.keys(contract.secrets)) {
      for (const [what, value] of WRONG) {
        for (const secret of [value, [value]]) {
          const call = () => engineKey(contract, { ...secrets, [name]: secret });
          expect([name, what, codeOf(call)]).toEqual([name, what, "bad-key"]);
          expect(call).not.toThrow(/xyzzy|1152921504606846976|1180591620717411303424/);
        }
      }
    }
    expect(codeOf(() => engineKey(contract, { ...secrets, plugh: 1 }))).toBe("bad-key");
    expect(codeOf(() => factory.create(parameters, testKey("our own")))).toBe("bad-key");
  });

  test("a required parameter or secret that is missing is asked for", () => {
    for (const [fields, read, code] of [
      [contract.parameters, (rest: object) => readFields(id, contract.parameters, rest, "bad-config"), "bad-config"],
      [contract.secrets, (rest: object) => engineKey(contract, rest as Record<string, unknown>), "bad-key"],
    ] as const) {
      const required = Object.entries(fields).filter(([, field]) => field.fallback === undefined);
      expect(codeOf(() => read({}))).toBe(required.length > 0 ? code : null);
      if (required.length > 0) expect(() => read({})).toThrow(/is missing/);
    }
    if (needsVocabulary && contract.parameters.vocab_size!.fallback === undefined) {
      const { vocab_size: _, ...rest } = parameters;
      expect(() => factory.create(rest, key)).toThrow(/vocab_size: is missing/);
    }
  });

  test("any value at all of any parameter is read or refused with bad-config, 300 of them", () => {
    const names = Object.keys(contract.parameters);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.anything({ withBigInt: true, withDate: true }), (name, value) => {
        const config = { ...parameters, [name]: value };
        expect([null, "bad-config"]).toContain(codeOf(() => factory.parse(config)));
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  test("extreme parameters that are in range give a record without NaN, or one clear error", () => {
    const values = [
      0,
      1,
      2,
      3,
      64,
      1000,
      1e-9,
      0.5,
      0.999999,
      null,
      true,
      false,
      "0",
      "-5",
      "v0.1",
      "none",
      "all",
      "v2",
    ];
    const tokens = randomTokens("extreme", 80, 200);
    let records = 0;
    for (const name of Object.keys(contract.parameters)) {
      for (const value of values) {
        const config = { ...parameters, [name]: value };
        if (codeOf(() => factory.parse(config)) !== null) continue;
        const code = codeOf(() => {
          const scheme = factory.create(config, key);
          expect([name, value, badNumbers(scoreTokens(scheme, tokens))]).toEqual([name, value, []]);
          if (scheme.nullLaw.family === "unknown") return;
          expect([name, value, badNumbers(detectTokens(scheme, tokens))]).toEqual([name, value, []]);
          records++;
        });
        expect([name, value, [null, "bad-config", "vocabulary-mismatch"].includes(code)]).toEqual([name, value, true]);
        const reading = (): unknown =>
          contract.engineReading?.(factory.parse(config), secretsOf(contract, key), { tokens, prompt: null });
        let read: unknown = null;
        const failed = codeOf(() => {
          read = reading();
        });
        expect([name, value, [null, "bad-config", "vocabulary-mismatch"].includes(failed)]).toEqual([
          name,
          value,
          true,
        ]);
        expect([name, value, badNumbers(read)]).toEqual([name, value, []]);
      }
    }
    if (factory.create(parameters, key).nullLaw.family !== "unknown") expect(records).toBeGreaterThan(0);
  });

  test("a text that is empty, shorter than the window, or one token over and over has nothing or little to say, never NaN", () => {
    const scheme = factory.create(parameters, key);
    const isLawKnown = scheme.nullLaw.family !== "unknown";
    const texts = [[], [1], [1, 2], new Array<number>(scheme.context.width).fill(3), new Array<number>(60).fill(3)];
    for (const tokens of texts) {
      for (const prompt of [null, [], [5, 6, 7, 8, 9, 10]]) {
        const joined = [...(prompt ?? []), ...tokens];
        const span = { start: prompt?.length ?? 0, promptKnown: prompt !== null };
        expect(badNumbers(scoreTokens(scheme, joined, span))).toEqual([]);
        const reading = contract.engineReading?.(given, secretsOf(contract, key), { tokens, prompt });
        expect(badNumbers(reading)).toEqual([]);
        if (!isLawKnown) {
          expect(codeOf(() => detectTokens(scheme, joined, span))).toBe("bad-argument");
          continue;
        }
        const detection = detectTokens(scheme, joined, span);
        expect(badNumbers(detection)).toEqual([]);
        if (detection.tokensScored === 0) {
          expect(detection).toMatchObject({
            statistic: 0,
            zScore: 0,
            pValue: 1,
            log10PValue: 0,
            verdict: "cannot-tell",
          });
        }
        const diagnosis = diagnose(
          tokens,
          { scheme: { scheme: id, ...parameters } },
          {
            key,
            registry: engineRegistry,
            ...(prompt === null ? {} : { prompt }),
          },
        );
        expect(badNumbers(diagnosis)).toEqual([]);
        expect(diagnosis.sentence).not.toMatch(/NaN|Infinity|undefined/);
        if (tokens.length < 60) expect(diagnosis.finding).toBeNull();
      }
    }
    if (isLawKnown) expect(detectTokens(scheme, []).tokensScored).toBe(0);
  });

  test("what is no token id is refused by detector, diagnosis and the engine's own reading", () => {
    const scheme = factory.create(parameters, key);
    const options = { key, registry: engineRegistry };
    const declared = { scheme: { scheme: id, ...parameters } };
    for (const wrong of [-1, 1.5, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY, "3", 5n, null, undefined]) {
      const tokens = [1, 2, 3, 4, 5, 6, wrong as number, 7];
      expect([wrong, codeOf(() => scoreTokens(scheme, tokens))]).toEqual([wrong, "bad-argument"]);
      expect([wrong, codeOf(() => diagnose(tokens, declared, options))]).toEqual([wrong, "bad-argument"]);
      if (contract.engineReading === undefined) continue;
      for (const text of [
        { tokens, prompt: null },
        { tokens: [1, 2, 3, 4, 5, 6], prompt: tokens },
      ]) {
        const call = () => contract.engineReading!(given, secretsOf(contract, key), text);
        expect([wrong, codeOf(call)]).toEqual([wrong, "bad-argument"]);
      }
    }
  });

  test(
    needsVocabulary
      ? "an id beyond the vocabulary that lists are drawn over is refused wherever it would be scored"
      : "the largest id there is scores like any other",
    () => {
      const scheme = factory.create(parameters, key);
      const top = needsVocabulary ? (given.vocab_size as number) : 2 ** 31 - 1;
      const tokens = [1, 2, 3, 4, 5, 6, top, 7];
      const wanted = needsVocabulary ? "vocabulary-mismatch" : null;
      expect(codeOf(() => scheme.score([1, 2, 3, 4, 5, 6], top))).toBe(wanted);
      expect(codeOf(() => expect(badNumbers(scoreTokens(scheme, tokens))).toEqual([]))).toBe(wanted);
      if (contract.engineReading !== undefined) {
        const call = () => contract.engineReading!(given, secretsOf(contract, key), { tokens, prompt: null });
        expect(codeOf(() => expect(badNumbers(call())).toEqual([]))).toBe(wanted);
      }
      if (scheme.nullLaw.family === "unknown") return;
      const declared = { scheme: { scheme: id, ...parameters } };
      expect(codeOf(() => diagnose(tokens, declared, { key, registry: engineRegistry }))).toBe(wanted);
    },
  );
});
