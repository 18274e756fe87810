import { readFileSync } from "node:fs";
import {
  logBetaLowerTail,
  logBinomialUpperTail,
  logDualExponentialUpperTail,
  logGammaUpperTail,
  logNormalUpperTail,
} from "@tokenmark/stats";
import { describe, expect, it } from "vitest";
import { logGammaMixtureUpperTail } from "../src/log-gamma-mixture-tail.ts";

/** Cases of one fixture; `ln` holds 45 digits, of which a double keeps 17. Made by vectors/make-fixtures.py. */
function fixture<Case>(name: string): (Case & { ln: string })[] {
  return JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), "utf8"));
}

/** Largest |got − want| / |want| over a fixture. */
function worst<Case>(name: string, tail: (one: Case) => number): number {
  let most = 0;
  for (const one of fixture<Case>(name)) {
    const want = Number(one.ln);
    const got = tail(one);
    // −1e-600 and the like are 0 as a double.
    const error = got === want ? 0 : Math.abs((got - want) / want);
    expect(error, `${name} ${JSON.stringify(one)} got ${got}`).toBeLessThan(1e-10);
    most = Math.max(most, error);
  }
  return most;
}

describe("log tails against 45-digit fixtures", () => {
  it("the normal tail is right to 1e-13 of ln p from p = 1 − 1e-300 to ln p = −229,849", () => {
    expect(worst<{ z: number }>("normal", ({ z }) => logNormalUpperTail(z))).toBeLessThan(1e-13);
  });

  it("the binomial tail is right to 2e-11 of ln p for n up to 1e9 and p from 1e-300", () => {
    const error = worst<{ k: number; n: number; p: number }>("binomial", ({ k, n, p }) =>
      logBinomialUpperTail(k, n, p),
    );
    expect(error).toBeLessThan(2e-11);
  });

  it("the Gamma tail is right to 1e-12 of ln p for shapes from 0.5 to 1e9", () => {
    const error = worst<{ shape: number; x: number }>("gamma", ({ shape, x }) => logGammaUpperTail(shape, x));
    expect(error).toBeLessThan(1e-12);
  });

  it("the lower beta tail is right to 1e-12 of ln p", () => {
    const error = worst<{ a: number; b: number; x: number }>("beta-lower", ({ a, b, x }) => logBetaLowerTail(a, b, x));
    expect(error).toBeLessThan(1e-12);
  });

  it("the dual-key tail is right to 1e-12 of ln p, for weight ratios from 0.99998 to 1e-9", () => {
    const error = worst<{ n: number; a: number; b: number; s: number }>("dual-exponential", ({ n, a, b, s }) =>
      logDualExponentialUpperTail(n, a, b, s),
    );
    expect(error).toBeLessThan(1e-12);
  });

  it("the tail of three and more Gamma parts is right to 1e-12 of ln p", () => {
    const error = worst<{ parts: [number, number][]; s: number }>("gamma-mixture", ({ parts, s }) =>
      logGammaMixtureUpperTail(
        parts.map(([weight, shape]) => ({ weight, shape })),
        s,
      ),
    );
    expect(error).toBeLessThan(1e-12);
  });
});
