import { gumbel, type Key, type SchemeFactory, type SchemeRegistry, type Trap } from "@tokenmark/core";
import { createToySource, randomTokens, testKey, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { diagnose } from "../src/index.ts";

const key = testKey("diagnose");
const other = testKey("diagnose other");
const NAME = "engine/gumbel";
const declared = (contextWidth: number) => ({ scheme: { scheme: NAME, contextWidth } });
const source = createToySource({ vocabularySize: 64, seed: "diagnose" });
const prompt = Int32Array.from(randomTokens("prompt", 12, 64));

function text(length: number, contextWidth = 4, under: Key = key): Int32Array {
  const scheme = gumbel(under, { contextWidth });
  return writeToyText(source, { random: seedrandom("text"), scheme, length, prompt });
}

type Text = Parameters<NonNullable<SchemeFactory["traps"]>>[2];

/** An engine that marks as gumbel does, and whose known mistakes a test chooses. */
function registry(traps: (text: Text, contextWidth: number) => readonly Trap[]): SchemeRegistry {
  return {
    [NAME]: {
      parse: (config) => config,
      create: (config, secret) => gumbel(secret, { contextWidth: config.contextWidth as number }),
      traps: (config, _key, given) => traps(given, config.contextWidth as number),
    },
  };
}

const widthTraps = (_: unknown, declaredWidth: number): readonly Trap[] =>
  [1, 2, 3, 4, 5, 6]
    .filter((width) => width !== declaredWidth)
    .map((width) => ({
      code: "context-width-mismatch",
      advice: `Set contextWidth to ${width}.`,
      actual: { contextWidth: width },
      scheme: gumbel(key, { contextWidth: width }),
    }));

const keyTrap: Trap = {
  code: "stale-key",
  advice: "Ask for the key of the month before.",
  actual: { key: "of the month before" },
  scheme: gumbel(other),
  key: other,
};

describe("diagnose", () => {
  it("names the mistake that explains a text which looks unmarked, corrected for every reading tried", () => {
    const {
      declared: asDeclared,
      finding,
      correctedFor,
      tried,
      sentence,
    } = diagnose(text(120), declared(5), {
      key,
      registry: registry(widthTraps),
    });
    expect(asDeclared.verdict).toBe("cannot-tell");
    expect(finding).toMatchObject({ code: "context-width-mismatch", actual: { contextWidth: 4 }, keyId: null });
    expect(correctedFor).toBe(6);
    expect(tried).toHaveLength(5);
    expect(finding!.correctedLog10P).toBeCloseTo(finding!.detection.log10PValue + Math.log10(6), 10);
    expect(sentence).toMatch(/^Nothing was found as declared .* 6 readings were tried\. context-width-mismatch: Set/);
  });

  it("finds no mistake in what was declared right, in unmarked text, and in a text too short to tell", () => {
    const options = { key, registry: registry(widthTraps) };
    expect(diagnose(text(120), declared(4), options)).toMatchObject({
      finding: null,
      sentence: expect.stringMatching(/^The mark is found as declared/),
    });
    expect(diagnose(randomTokens("noise", 300, 64), declared(4), options).finding).toBeNull();
    expect(diagnose(text(4), declared(5), options).finding).toBeNull();
  });

  it("keeps its false alarms: of 1,000 unmarked texts none is explained at 1e-6, and at .01 not more than .01 after correction", () => {
    const options = { key, registry: registry(widthTraps) };
    const alarms = { strict: 0, loose: 0 };
    for (let i = 0; i < 1000; i++) {
      const noise = randomTokens(`noise ${i}`, 60, 64);
      if (diagnose(noise, declared(4), options).finding !== null) alarms.strict++;
      if (diagnose(noise, declared(4), { ...options, alpha: 0.01 }).finding !== null) alarms.loose++;
    }
    expect(alarms.strict).toBe(0);
    // 10 would be expected at most; 22 or more have a probability below 1e-3 then.
    expect(alarms.loose).toBeLessThan(22);
  });

  it("names another key by its public id alone", () => {
    const answer = diagnose(text(120, 4, other), declared(4), { key, registry: registry(() => [keyTrap]) });
    expect(answer.finding).toMatchObject({ code: "stale-key", keyId: other.id });
    expect(JSON.stringify(answer)).not.toContain(other.exportHex());
  });

  it("reads other tokens where a trap says so, such as the completion behind a prompt that was glued to it", () => {
    const glued = Int32Array.from([...prompt, ...text(80)]);
    const trap: Trap = {
      code: "prompt-included",
      advice: "Give the completion alone.",
      actual: { completion_starts_at: prompt.length },
      scheme: gumbel(key),
      reading: { tokens: glued, start: prompt.length, promptKnown: true },
    };
    // Declared with another width, so that the glued text shows nothing by itself.
    const { finding } = diagnose(glued, declared(3), { key, registry: registry(() => [trap]) });
    expect(finding?.code).toBe("prompt-included");
    expect(finding?.detection.tokensTotal).toBe(80);
  });

  it("names a setting that a found text contradicts, by the misfit's p-value after correction", () => {
    const misfit = (p: number): Trap => ({ ...keyTrap, code: "share-mismatch", misfit: p });
    const named = (p: number) => diagnose(text(120), declared(4), { key, registry: registry(() => [misfit(p)]) });
    expect(named(0.004).finding).toMatchObject({ code: "share-mismatch", misfit: 0.008 });
    expect(named(0.006).finding).toBeNull();
    expect(named(0.004).sentence).toMatch(/does not fit the declared setting \(p = 0\.0080 after correction\)/);
  });

  it("of readings that the text cannot tell apart prefers one that contradicts what was declared", () => {
    const vague: Trap = { code: "vague", advice: "Ask.", actual: { something: 1 }, scheme: gumbel(key) };
    const exact: Trap = { code: "exact", advice: "Ask.", actual: { contextWidth: 4 }, scheme: gumbel(key) };
    const { finding } = diagnose(text(120), declared(5), { key, registry: registry(() => [vague, exact]) });
    expect(finding?.code).toBe("exact");
  });

  it("lists what a found text can neither show nor rule out, never as a finding", () => {
    const mistake = (code: string, resemblance: number): Trap => ({ ...keyTrap, code, resemblance });
    const traps = registry(() => [mistake("unlike", 0.9), mistake("like", 1e-9), keyTrap]);
    const { finding, possible } = diagnose(text(120), declared(4), { key, registry: traps });
    expect(finding).toBeNull();
    expect(possible.map(({ code }) => code)).toEqual(["like", "unlike"]);
    expect(diagnose(randomTokens("none", 100, 64), declared(4), { key, registry: traps }).possible).toEqual([]);
  });

  it("names what no text can show where nothing is found, and only there, and counts it as no test", () => {
    const blind = { code: "device-generator", advice: "Ask for the device." };
    const plain = registry(widthTraps);
    const registryWith: SchemeRegistry = { [NAME]: { ...plain[NAME]!, blindSpots: [blind] } };
    const clean = diagnose(randomTokens("none", 100, 64), declared(4), { key, registry: registryWith });
    expect(clean).toMatchObject({ finding: null, untestable: [blind], correctedFor: 6 });
    expect(clean.sentence).toMatch(/No text can show this: device-generator: Ask for the device\.$/);
    for (const width of [4, 5]) {
      const found = diagnose(text(120), declared(width), { key, registry: registryWith });
      expect(found.untestable).toEqual([]);
      expect(found.sentence).not.toContain("device-generator");
    }
  });

  it("counts all readings that one was chosen from", () => {
    const chosen: Trap = { ...keyTrap, chosenFrom: 12 };
    expect(diagnose(text(120, 4, other), declared(4), { key, registry: registry(() => [chosen]) })).toMatchObject({
      correctedFor: 13,
      finding: { code: "stale-key" },
    });
  });

  it("refuses schemes without known mistakes, another key than the profile's, and what are no ids", () => {
    const options = { key, registry: registry(widthTraps) };
    expect(() => diagnose([1, 2], { scheme: { scheme: "gumbel", contextWidth: 4 } }, options)).toThrow(
      "scheme: wanted one of the registry with known mistakes, got gumbel",
    );
    expect(() => diagnose([1, 2], { ...declared(4), keyId: other.id }, options)).toThrow(/profile's key/);
    expect(() => diagnose([1, -2], declared(4), options)).toThrow(/tokens\[1\]/);
  });
});
