import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStopFilter } from "../src/generation/stop-strings.ts";

/** What a filter lets through of pieces, and what it gives out at the end. */
function run(pieces: readonly string[], stops: readonly string[]) {
  const filter = createStopFilter(stops);
  const out = pieces.map((piece) => filter.push(piece));
  return { out, text: out.join("") + (filter.stoppedBy === null ? filter.flush() : ""), stoppedBy: filter.stoppedBy };
}

/** The text up to the first stop string of the whole. */
function cut(text: string, stops: readonly string[]): string {
  const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

describe("createStopFilter", () => {
  it("lets through the text up to the first stop string, wherever the pieces are cut", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 30 });
    const stop = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), fc.array(stop, { maxLength: 3 }), (pieces, stops) => {
        const { text, out } = run(pieces, stops);
        const whole = pieces.join("");
        // A stop string that is complete ends the text at once, also where one that began earlier might still come.
        const firstEnd = Math.min(...stops.map((s) => (whole.includes(s) ? whole.indexOf(s) + s.length : Infinity)));
        if (firstEnd === Infinity) expect(text).toBe(whole);
        else {
          expect(stops.some((s) => text.includes(s))).toBe(false);
          expect(whole.startsWith(text)).toBe(true);
          expect(text.length).toBeLessThanOrEqual(firstEnd);
          if (stops.length === 1) expect(text).toBe(cut(whole, stops));
        }
        expect(whole.startsWith(out.join(""))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("holds back only what may begin a stop string, and gives it out when something else follows", () => {
    const { out, text } = run(["ab", "x", "ab", "c"], ["abcd"]);
    expect(out).toEqual(["", "abx", "", ""]);
    expect(text).toBe("abxabc");
    expect(run(["one\n", "\ntwo"], ["\n\n"])).toMatchObject({ out: ["one", ""], text: "one", stoppedBy: "\n\n" });
  });

  it("names the stop string that came first, the longer of two at one place", () => {
    expect(run(["xx END. y"], [". y", "END"])).toMatchObject({ text: "xx ", stoppedBy: "END" });
    expect(run(["xx END. y"], ["END", "END."])).toMatchObject({ text: "xx ", stoppedBy: "END." });
  });

  it("lets nothing through behind a stop string", () => {
    const filter = createStopFilter(["#"]);
    expect([filter.push("a#b"), filter.push("c"), filter.flush()]).toEqual(["a", "", ""]);
  });

  it("refuses an empty stop string", () => {
    expect(() => createStopFilter(["a", ""])).toThrow(/stop: wanted strings that are not empty/);
  });
});
