import { describe, expect, it } from "vitest";
import {
  checkProfileKey,
  checkProfileTokenizer,
  createLogitsProcessor,
  createProfile,
  createScheme,
  defaultSchemeConfig,
  defineScheme,
  dualGumbel,
  gumbel,
  Key,
  kgw,
  parseProfile,
  parseSchemeConfig,
  schemeNames,
  synthid,
  TokenmarkError,
  unigram,
} from "../src/index.ts";

const key = Key.fromHex("5a".repeat(32));
const coded = (code: string): unknown => expect.objectContaining({ name: "TokenmarkError", code });
const tokenizer = { name: "toy", vocabularySize: 4096, sha256: "ab".repeat(32) };
const expected = { model: "toy", temperature: 1, topP: 1, topK: 0, meanScore: 2, variance: 1.5, n: 1000, texts: 10 };

describe("parseSchemeConfig", () => {
  it.each(schemeNames)("gives %s the same defaults as its factory", (name) => {
    const factories = { kgw, unigram, synthid, gumbel, "dual-gumbel": dualGumbel };
    const [byConfig, byFactory] = [createScheme(defaultSchemeConfig(name), key), factories[name](key)];
    expect(JSON.stringify(byConfig)).toBe(JSON.stringify(byFactory));
    for (let token = 0; token < 200; token++)
      expect(byConfig.score([1, 2, 3, 4], token)).toBe(byFactory.score([1, 2, 3, 4], token));
    const logits = Float32Array.from({ length: 50 }, (_, i) => Math.sin(i));
    const other = logits.slice();
    byConfig.process(logits, [1, 2, 3, 4], { random: () => 0.5 });
    byFactory.process(other, [1, 2, 3, 4], { random: () => 0.5 });
    expect(logits).toEqual(other);
  });

  it("fills in documented defaults and survives JSON", () => {
    const config = parseSchemeConfig({ scheme: "kgw", gamma: 0.5 });
    expect(config).toEqual({ scheme: "kgw", gamma: 0.5, delta: 2, seeding: "selfhash", contextWidth: 3 });
    expect(parseSchemeConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it.each([
    [null, "an object"],
    [[], "an object"],
    [{}, "scheme"],
    [{ scheme: "KGW" }, "scheme"],
    [{ scheme: "toString" }, "scheme"],
    [{ scheme: "kgw", ratio: 0.5 }, "ratio"],
    [{ scheme: "kgw", gamma: 1 }, "gamma"],
    [{ scheme: "kgw", gamma: "0.5" }, "gamma"],
    [{ scheme: "kgw", seeding: "left" }, "seeding"],
    [{ scheme: "kgw", contextWidth: 0 }, "contextWidth"],
    [{ scheme: "kgw", delta: undefined }, "delta"],
    [{ scheme: "synthid", depth: 33 }, "depth"],
    [{ scheme: "synthid", leaves: 1 }, "leaves"],
    [{ scheme: "gumbel", contextWidth: 2.5 }, "contextWidth"],
    [{ scheme: "dual-gumbel", shareB: 1.5 }, "shareB"],
  ])("refuses %o and names the field", (config, field) => {
    expect(() => parseSchemeConfig(config)).toThrow(coded("bad-config"));
    expect(() => parseSchemeConfig(config)).toThrow(field);
  });

  it("reads and makes a registry's scheme, with its name in the list of known ones", () => {
    const scheme = defineScheme(
      { ...synthid(key), name: "house" },
      { seed() {}, score: () => 1, parts() {}, unit() {}, mark() {} },
    );
    const registry = { house: { parse: () => ({ rooms: 3 }), create: () => scheme } };
    expect(parseSchemeConfig({ scheme: "house", rooms: 3 }, { registry })).toEqual({ scheme: "house", rooms: 3 });
    expect(createScheme({ scheme: "house" }, key, { registry })).toBe(scheme);
    expect(() => parseSchemeConfig({ scheme: "barn" }, { registry })).toThrow(/gumbel, house/);
  });
});

describe("profiles", () => {
  const profile = createProfile({ scheme: defaultSchemeConfig("synthid"), key, tokenizer, expected });

  it("survive JSON text and hold no secret", () => {
    const text = JSON.stringify(profile);
    expect(parseProfile(text)).toEqual(profile);
    expect(text).not.toContain("5a5a5a5a");
  });

  it.each([
    ["{", "JSON"],
    [{ ...profile, comment: "x" }, "comment"],
    [{ ...profile, format: "tokenmark-profile/2" }, "format"],
    [{ ...profile, keyId: "5A" }, "keyId"],
    [{ ...profile, tokenizer: { ...tokenizer, extra: 1 } }, "extra"],
    [{ ...profile, tokenizer: { ...tokenizer, vocabularySize: 0 } }, "vocabularySize"],
    [{ ...profile, tokenizer: { ...tokenizer, sha256: "x" } }, "sha256"],
    [{ ...profile, expected: { ...expected, power: 1 } }, "power"],
    [{ ...profile, expected: { ...expected, variance: -1 } }, "variance"],
  ])("refuse %o and name the field", (value, field) => {
    expect(() => parseProfile(value)).toThrow(coded("bad-profile"));
    expect(() => parseProfile(value)).toThrow(field);
  });

  it("refuse another key, another tokenizer and another vocabulary width", () => {
    const other = Key.random();
    expect(() => checkProfileKey(profile, other)).toThrow(coded("key-mismatch"));
    expect(() => checkProfileKey(profile, other)).toThrow(other.id);
    expect(() => checkProfileTokenizer(profile, { ...tokenizer, sha256: "cd".repeat(32) })).toThrow(
      coded("tokenizer-mismatch"),
    );
    expect(() => checkProfileTokenizer(profile, { ...tokenizer, vocabularySize: 5 })).toThrow(
      coded("vocabulary-mismatch"),
    );
    checkProfileKey(profile, key);
    checkProfileTokenizer(profile, { ...tokenizer, name: "another name" });
  });
});

describe("scheme factories", () => {
  it.each([
    () => kgw(key, { gamma: 0 }),
    () => kgw(key, { delta: -1 }),
    () => kgw(key, { contextWidth: 0 }),
    () => unigram(key, { gamma: Number.NaN }),
    () => synthid(key, { depth: 0 }),
    () => gumbel(key, { contextWidth: 1025 }),
    () => dualGumbel(key, { shareB: -0.1 }),
  ])("refuse values out of range (%#)", (make) => {
    expect(make).toThrow(TokenmarkError);
    expect(make).toThrow(coded("bad-argument"));
  });

  it("refuse what is no key, and options they do not have", () => {
    expect(() => gumbel("5a5a" as unknown as Key)).toThrow(coded("bad-key"));
    expect(() => gumbel("5a5a" as unknown as Key)).not.toThrow("5a5a");
    expect(() => gumbel(key, { contextwidth: 8 } as object)).toThrow(/contextwidth/);
    expect(() => gumbel(key, null as unknown as object)).toThrow(coded("bad-argument"));
  });

  it("give independent marks for other parameters, and frozen facts to the bottom", () => {
    const tokens = Int32Array.from({ length: 4000 }, (_, i) => i);
    const green = (gamma: number): number[] => [...tokens].filter((t) => unigram(key, { gamma }).score([], t) === 1);
    const narrow = new Set(green(0.25));
    const both = green(0.5).filter((t) => narrow.has(t)).length;
    // Nested lists would share all 1,000; independent ones share half of the narrow list, within five standard errors.
    expect(Math.abs(both - narrow.size / 2)).toBeLessThan(5 * Math.sqrt(narrow.size / 4));
    const scheme = synthid(key);
    for (const part of [scheme, scheme.context, scheme.repeats, scheme.nullLaw])
      expect(Object.isFrozen(part)).toBe(true);
    expect(scheme.nullLaw.family === "bernoulli" && Object.isFrozen(scheme.nullLaw.weights)).toBe(true);
  });

  it.each([5.7, Number.NaN, 2 ** 32 + 5, -1, 5n as unknown as number])("score no token %s", (token) => {
    expect(() => gumbel(key).score([1, 2, 3, 4], token)).toThrow(coded("bad-argument"));
    expect(() => gumbel(key).score([1, 2, 3, token === -1 ? -2 : token], 5)).toThrow(coded("bad-argument"));
    expect(() => gumbel(key).process(new Float32Array(1), [1, 2, 3, 4], { candidates: [token] })).toThrow(
      coded("bad-argument"),
    );
    const processor = createLogitsProcessor(gumbel(key));
    expect(() => processor.mark(new Float32Array(3), [1, 2, 3, token])).toThrow(coded("bad-argument"));
  });

  it("want room for every score", () => {
    const span = { tokens: [1, 2, 3, 4, 5, 6], start: 0, promptKnown: true };
    expect(() => gumbel(key).scoreAll(span, new Float64Array(5), new Uint32Array(12))).toThrow(coded("bad-argument"));
    expect(() => gumbel(key).scoreAll(span, new Float64Array(6), new Uint32Array(11))).toThrow(coded("bad-argument"));
    expect(() => synthid(key).componentsAll(span, new Float64Array(6 * 29))).toThrow(coded("bad-argument"));
  });

  it("dual-gumbel asks for its private draw", () => {
    expect(() => dualGumbel(key).process(new Float32Array(4), [1, 2, 3, 4])).toThrow(coded("no-random"));
  });
});
