import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRepeatGuard } from "../src/sampling/repeat-guard.ts";
import type { ContextRule, RepeatRule } from "../src/types.ts";

const included: ContextRule = { width: 2, prompt: "included", missing: "unmarked" };
const all: RepeatRule = { kind: "contexts", scope: "generated", history: null, counts: "positions" };

/** Outcomes of every generated position of a finished sequence. */
function walk(context: ContextRule, repeats: RepeatRule, tokens: readonly number[], promptLength: number): string[] {
  const guard = createRepeatGuard(context, repeats, promptLength);
  const outcomes: string[] = [];
  for (let n = promptLength; n <= tokens.length; n++) outcomes.push(guard(tokens.slice(0, n)));
  return outcomes;
}

describe("the repeated-context guard", () => {
  it("marks the first occurrence of each context and leaves the others", () => {
    expect(walk(included, all, [1, 2, 1, 2, 1], 2)).toEqual([
      "marked",
      "marked",
      "repeated-context",
      "repeated-context",
    ]);
  });

  it("leaves positions unmarked whose context is short", () => {
    expect(walk(included, all, [1, 2, 3], 0)).toEqual(["short-context", "short-context", "marked", "marked"]);
  });

  it("counts contexts inside the prompt as seen only under scope all", () => {
    const tokens = [5, 6, 7, 5, 6];
    expect(walk(included, all, tokens, 5)).toEqual(["marked"]);
    expect(walk(included, { ...all, scope: "all" }, tokens, 5)).toEqual(["repeated-context"]);
  });

  it("under scope all looks into the prompt, and across its end, for a scheme that does not see it", () => {
    const excluded: ContextRule = { width: 2, prompt: "excluded", missing: "unmarked" };
    const rule: RepeatRule = { ...all, scope: "all" };
    // 5 6 stands in the prompt; 7 5 across its end.
    expect(walk(excluded, rule, [5, 6, 7, 5, 6, 1, 7, 5], 3)).toEqual([
      "short-context",
      "short-context",
      "repeated-context",
      "marked",
      "marked",
      "repeated-context",
    ]);
    expect(walk(excluded, all, [5, 6, 7, 5, 6], 3).at(-1)).toBe("marked");
    // Three positions of history: that of 5 6 is the third from the end, then the fourth.
    expect(walk(excluded, { ...rule, history: 3 }, [5, 6, 7, 5, 6], 3).at(-1)).toBe("repeated-context");
    expect(walk(excluded, { ...rule, history: 2 }, [5, 6, 7, 5, 6], 3).at(-1)).toBe("marked");
  });

  it("marks a short context from the least number of tokens on", () => {
    const short: ContextRule = { width: 3, prompt: "included", missing: "short", least: 1 };
    expect(walk(short, all, [1, 2], 0)).toEqual(["short-context", "marked", "marked"]);
  });

  it("does not spend contexts, nor a budget, on declined positions", () => {
    const guard = createRepeatGuard(included, { ...all, counts: "marked", budget: 1 }, 2, {
      isDeclined: (position) => position === 2,
    });
    expect(guard([1, 2])).toBe("marked");
    expect(guard([1, 2, 1, 2])).toBe("over-budget");
    const unlimited = createRepeatGuard(included, { ...all, counts: "marked" }, 2, { isDeclined: (at) => at === 2 });
    expect(unlimited([1, 2, 1, 2])).toBe("marked");
    expect(unlimited([1, 2, 1, 2, 1, 2])).toBe("repeated-context");
  });

  it("forgets what lies further back than its history", () => {
    const tokens = [1, 2, 3, 4, 1, 2];
    expect(walk(included, { ...all, history: 3 }, tokens, 2).at(-1)).toBe("marked");
    expect(walk(included, { ...all, history: 5 }, tokens, 2).at(-1)).toBe("repeated-context");
  });

  it("takes a padded context for what the PRF sees: the padding id written out is the same context", () => {
    const padded: ContextRule = { width: 2, prompt: "excluded", missing: { pad: 0 } };
    expect(walk(padded, all, [0, 0, 0], 0)).toEqual([
      "marked",
      "repeated-context",
      "repeated-context",
      "repeated-context",
    ]);
    expect(walk({ ...padded, missing: "short" }, all, [0, 0, 0], 0)).toEqual([
      "marked",
      "marked",
      "marked",
      "repeated-context",
    ]);
  });

  it("stops marking when its budget is spent", () => {
    expect(walk(included, { ...all, budget: 2 }, [1, 2, 3, 4, 5], 2)).toEqual([
      "marked",
      "marked",
      "over-budget",
      "over-budget",
    ]);
  });

  it("is a function of the tokens alone: asking late, twice or after a step back changes nothing", () => {
    const rules: RepeatRule[] = [
      all,
      { ...all, scope: "all" },
      { ...all, history: 2, counts: "marked" },
      { ...all, budget: 3 },
    ];
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 3, maxLength: 30 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (tokens, jumps) => {
          for (const rule of rules) {
            const wanted = walk(included, rule, tokens, 2);
            const guard = createRepeatGuard(included, rule, 2);
            for (const jump of jumps) {
              const n = 2 + (jump % (tokens.length - 1));
              expect(guard(tokens.slice(0, n))).toBe(wanted[n - 2]);
            }
          }
        },
      ),
      { numRuns: 300, seed: 3 },
    );
  });
});
