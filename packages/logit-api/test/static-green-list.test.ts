import { createProfile, Key, type Profile, unigram } from "@tokenmark/core";
import { detectTokens } from "@tokenmark/detector";
import { describe, expect, it } from "vitest";
import { staticGreenList } from "../src/index.ts";
import { toyServer, VOCABULARY_SIZE } from "./toy-server.ts";

const key = Key.fromHex("5a".repeat(32));
const tokenizer = { name: "toy", vocabularySize: VOCABULARY_SIZE, sha256: "ab".repeat(32) };
const profileOf = (scheme: object): Profile => createProfile({ scheme: scheme as never, key, tokenizer });
const profile = profileOf({ scheme: "unigram", gamma: 0.5, delta: 2 });

/** One ordinary request with the bias, and what the detector says of its tokens. */
async function ask(body: object): Promise<readonly number[]> {
  const { url } = await toyServer();
  const answer = await fetch(`${url}/completion`, {
    method: "POST",
    body: JSON.stringify({
      prompt: "mama",
      n_predict: 400,
      return_tokens: true,
      samplers: ["temperature"],
      temperature: 1,
      seed: 5,
      ignore_eos: true,
      ...body,
    }),
  });
  return ((await answer.json()) as { tokens: number[] }).tokens;
}
const log10P = (tokens: readonly number[], under: Key = key) =>
  detectTokens(unigram(under, { gamma: 0.5, delta: 2 }), tokens).log10PValue;

describe("staticGreenList", () => {
  it("marks the answer of a single ordinary request, which is found under the profile's key alone", async () => {
    const { pairs } = staticGreenList(profile, key);
    const marked = await ask({ logit_bias: pairs });
    expect(log10P(marked)).toBeLessThan(-4);
    expect(log10P(marked, Key.fromHex("5b".repeat(32)))).toBeGreaterThan(-3);
    expect(log10P(await ask({}))).toBeGreaterThan(-3);
  });

  it("names each list token once, the same in both shapes; raising green and lowering red are the same law", () => {
    const many = staticGreenList(profileOf({ scheme: "unigram", gamma: 0.9, delta: 2 }), key);
    const few = staticGreenList(profileOf({ scheme: "unigram", gamma: 0.1, delta: 2 }), key);
    for (const { pairs, map } of [many, few]) {
      expect(Object.keys(map).map(Number)).toEqual(pairs.map(([id]) => id));
      expect(pairs.length).toBeLessThan(VOCABULARY_SIZE * 0.2);
    }
    expect(new Set(few.pairs.map(([, bias]) => bias))).toEqual(new Set([2]));
    expect(new Set(many.pairs.map(([, bias]) => bias))).toEqual(new Set([-2]));
  });

  it("multiplies the bias by the request's temperature and leaves out what it is told to", () => {
    const { map } = staticGreenList(profile, key, { temperature: 0.5, exclude: [...Array(100).keys()] });
    expect(new Set(Object.values(map).map(Math.abs))).toEqual(new Set([1]));
    expect(Object.keys(map).every((id) => Number(id) >= 100)).toBe(true);
  });

  it("refuses schemes that look at the context or live in the draw, other keys, and biases that servers cut off", () => {
    for (const scheme of [{ scheme: "kgw" }, { scheme: "gumbel" }, { scheme: "synthid" }]) {
      expect(() => staticGreenList(profileOf(scheme), key)).toThrow(
        /wanted one that adds a bias without looking at the context/,
      );
    }
    expect(() => staticGreenList(profile, Key.fromHex("5b".repeat(32)))).toThrow(/wanted the profile's key/);
    expect(() => staticGreenList(profile, key, { temperature: 0 })).toThrow(/temperature: wanted a number above 0/);
    expect(() => staticGreenList(profile, key, { temperature: 60 })).toThrow(/delta: wanted at most 100/);
  });

  it("states its limits", () => {
    expect(staticGreenList(profile, key).limits.join(" ")).toMatch(/same in every context.*forge/);
  });
});
