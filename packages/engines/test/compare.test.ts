import { describe, expect, test } from "vitest";
import { compareOutput, NOT_DERIVABLE } from "../src/conformance/compare.ts";
import type { Json, Tolerance } from "../src/conformance/golden.ts";

const paths = (expected: Json, got: unknown, tolerance?: Tolerance, informational?: readonly string[]): string[] =>
  compareOutput(expected, got, { tolerance, ...(informational ? { informational } : {}) }).map(({ path }) => path);

describe("compareOutput", () => {
  test("names the one leaf that differs, however deep", () => {
    const expected = { steps: [{ rows: [{ scores: [1, 2, 3] }] }] };
    expect(paths(expected, { steps: [{ rows: [{ scores: [1, 2, 3] }] }] })).toEqual([]);
    expect(paths(expected, { steps: [{ rows: [{ scores: [1, 2, 4] }] }] })).toEqual([
      "output.steps[0].rows[0].scores[2]",
    ]);
  });

  test("counts a field that was not recomputed as a difference, and leaves our additional fields alone", () => {
    expect(paths({ a: 1, b: null }, { a: 1, b: null, c: 3 })).toEqual([]);
    expect(compareOutput({ a: 1, b: 2 }, { a: 1 })[0]).toEqual({
      path: "output.b",
      expected: "2",
      got: "nothing: the field is not recomputed",
    });
    expect(paths([1, 2], [1])).toEqual(["output"]);
    expect(paths({ a: [1] }, { a: 1 })).toEqual(["output.a"]);
  });

  test("without a tolerance a last digit counts; with one, floats may differ and integers may not", () => {
    expect(paths({ p: 0.1 }, { p: 0.1 + 1e-16 * 2 })).toEqual(["output.p"]);
    expect(paths({ p: 0.1 }, { p: 0.1 + 1e-12 }, { rel: 1e-9 })).toEqual([]);
    expect(paths({ p: 0.1 }, { p: 0.1 + 1e-9 }, { rel: 1e-9 })).toEqual(["output.p"]);
    expect(paths({ words: [4294967295] }, { words: [4294967294] }, { rel: 1e-9 })).toEqual(["output.words[0]"]);
  });

  test("compares probabilities where the tolerance says so", () => {
    const tolerance = { space: "probability", abs: 1e-5, rel: 1e-3 };
    expect(paths({ scores: [-0.5, -40.5] }, { scores: [-0.5004, -90.5] }, tolerance)).toEqual([]);
    expect(paths({ scores: [-0.5] }, { scores: [-0.502] }, tolerance)).toEqual(["output.scores[0]"]);
  });

  test("keeps exact fields exact, float32 fields to float32, sums to their own tolerance", () => {
    expect(paths({ hash: 1.5 }, { hash: 1.5000001 }, { rel: 0.1, exact_fields: ["hash"] })).toEqual(["output.hash"]);
    const float32 = { rel: 1e-9, float32Fields: ["z_score_at_T_*", "window_*.z_score"] };
    expect(
      paths({ all: { z_score_at_T_last8: [0.1] } }, { all: { z_score_at_T_last8: [Math.fround(0.1)] } }, float32),
    ).toEqual([]);
    expect(paths({ window_max: { z_score: 2.4494896 } }, { window_max: { z_score: 2.4494899 } }, float32)).toEqual([
      "output.window_max.z_score",
    ]);
    expect(paths({ z_score: 2.4494896 }, { z_score: Math.fround(2.4494896) }, float32)).toEqual(["output.z_score"]);
    const sums = { rel: 1e-3, score_rel: 1e-7 };
    expect(paths({ fused_sum: 100.5, p_value: 0.5 }, { fused_sum: 100.5001, p_value: 0.5001 }, sums)).toEqual([
      "output.fused_sum",
    ]);
  });

  test("reads NaN and infinities from strings", () => {
    expect(paths(["NaN", "-Infinity"], [Number.NaN, Number.NEGATIVE_INFINITY])).toEqual([]);
    expect(paths(["NaN", 1], [1, Number.NaN], { rel: 1 })).toEqual(["output[0]", "output[1]"]);
  });

  test("passes over a leaf only where the operation says that it cannot be derived, and really did not", () => {
    const informational = ["rows.*.seed"];
    const unknown = { rows: [{ seed: NOT_DERIVABLE, v: 2 }] };
    expect(paths({ rows: [{ seed: 1, v: 2 }] }, unknown, undefined, informational)).toEqual([]);
    expect(paths({ rows: [{ seed: 1, v: 2 }] }, unknown)).toEqual(["output.rows[0].seed"]);
    expect(paths({ rows: [{ seed: 1 }] }, { rows: [{ seed: 2 }] }, undefined, informational)).toEqual([
      "output.rows[0].seed",
    ]);
    expect(paths({ rows: [{ seed: 1 }] }, { rows: [{}] }, undefined, informational)).toEqual(["output.rows[0].seed"]);
  });
});
