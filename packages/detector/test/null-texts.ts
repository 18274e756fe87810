import type { Key, WatermarkScheme } from "@tokenmark/core";
import { type Detection, detectTokens } from "@tokenmark/detector";
import { logBinomialUpperTail, pointMass } from "@tokenmark/stats";
import { createToySource, testKey, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";

/**
 * Texts of a model that knows no key, 20 to 120 tokens long; every third is one sentence again and again, as menus, code
 * and songs are.
 */
export function writeNullTexts(count: number): readonly Int32Array[] {
  const source = createToySource({ vocabularySize: 192, seed: "null" });
  const random = seedrandom("null texts");
  return Array.from({ length: count }, (_, i) => {
    const length = 20 + Math.floor(100 * random());
    if (i % 3 !== 0) return writeToyText(source, { length, random });
    const sentence = writeToyText(source, { length: 5 + Math.floor(10 * random()), random });
    return Int32Array.from({ length }, (_, j) => sentence[j % sentence.length]!);
  });
}

/** One detection a text, a fresh key each. */
export function detectNulls(
  label: string,
  makeScheme: (key: Key) => WatermarkScheme,
  texts: readonly Int32Array[],
): readonly { readonly scheme: WatermarkScheme; readonly detection: Detection }[] {
  return texts.map((tokens, i) => {
    const scheme = makeScheme(testKey(`null/${label}/${i}`));
    return { scheme, detection: detectTokens(scheme, tokens) };
  });
}

/**
 * The randomised p-value, exactly uniform under the null for discrete laws too: P(S > s) + U·P(S = s). For a continuous law
 * it is p itself.
 */
export function randomisedP(scheme: WatermarkScheme, detection: Detection, uniform: number): number {
  if (scheme.nullLaw.family === "unknown") throw new Error("wanted a known law");
  const mass = Math.exp(pointMass(scheme.nullLaw, detection.tokensScored, detection.statistic));
  return Math.min(1, Math.max(0, detection.pValue - (1 - uniform) * mass));
}

/** P(Bin(n, alpha) ≥ count): how unlikely so many alarms are if the level holds. */
export function alarmTail(count: number, n: number, alpha: number): number {
  return Math.exp(logBinomialUpperTail(count, n, alpha));
}
