import type { Json, JsonObject, Tolerance } from "./golden.ts";

/** One leaf that is not what the reference gave. */
export interface Difference {
  /** Where, such as `output.steps[2].rows[0].scores[17]`. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/** Stands where a leaf cannot be recomputed from the question; only the paths that an operation names may hold it. */
export const NOT_DERIVABLE: unique symbol = Symbol("not derivable");

/** Options of {@link compareOutput}. */
export interface CompareOptions {
  readonly tolerance?: Tolerance | undefined;
  /** Paths below `output` that may be {@link NOT_DERIVABLE}; `*` stands for one name or index. */
  readonly informational?: readonly string[];
}

type Path = readonly (string | number)[];

function textOf(path: Path): string {
  return path.reduce<string>((text, step) => text + (typeof step === "number" ? `[${step}]` : `.${step}`), "output");
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing: the field is not recomputed";
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Numbers that JSON cannot hold are strings in the files. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (value === "NaN") return Number.NaN;
  if (value === "Infinity") return Number.POSITIVE_INFINITY;
  return value === "-Infinity" ? Number.NEGATIVE_INFINITY : undefined;
}

function matches(pattern: string, path: Path): boolean {
  const steps = pattern.split(".");
  if (steps.length > path.length) return false;
  // A pattern may name the end of a path; indices at the very end belong to the field before them.
  const names = path.filter((step, i) => typeof step === "string" || i < path.length - 1);
  const tail = names.slice(-steps.length);
  return tail.length === steps.length && steps.every((step, i) => wildcard(step).test(String(tail[i])));
}

function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);
}

function closeEnough(expected: number, got: number, path: Path, tolerance: Tolerance | undefined): boolean {
  if (Object.is(expected, got) || expected === got) return true;
  if (Number.isNaN(expected) || Number.isNaN(got)) return false;
  if (tolerance === undefined || tolerance.exact === true) return false;
  const names = path.filter((step): step is string => typeof step === "string");
  if (tolerance.exact_fields?.some((field) => names.includes(field))) return false;
  if (tolerance.float32Fields?.some((pattern) => matches(pattern, path))) {
    return Math.fround(expected) === Math.fround(got);
  }
  // Counts, ids, bits and words: nothing between two integers is a matter of rounding.
  if (Number.isInteger(expected) && Number.isInteger(got)) return false;
  const field = names.at(-1) ?? "";
  if (field === "posterior" && tolerance.posterior_abs !== undefined)
    return within(expected, got, 0, tolerance.posterior_abs);
  if (field === "scores" && tolerance.scores_abs !== undefined) return within(expected, got, 0, tolerance.scores_abs);
  if (tolerance.score_rel !== undefined && /score|sum/.test(field))
    return within(expected, got, tolerance.score_rel, 0);
  const { rel = 0, abs = 0 } = tolerance;
  // Near p = 1 the logarithm is as exact as the p that it was taken of, and no more.
  if (/log/i.test(field) && Math.abs(expected) < 1) return within(expected, got, rel, abs + rel / Math.LN10);
  return tolerance.space === "probability"
    ? within(Math.exp(expected), Math.exp(got), rel, abs)
    : within(expected, got, rel, abs);
}

function within(expected: number, got: number, rel: number, abs: number): boolean {
  return Math.abs(got - expected) <= abs + rel * Math.abs(expected);
}

/**
 * Compares every leaf of an expected output with what was recomputed. A leaf that the other side lacks is a difference, in either
 * direction for lists and for expected fields; fields that only we computed are not asked for and are left
 * alone, unless none is.
 */
export function compareOutput(expected: Json, got: unknown, options: CompareOptions = {}): readonly Difference[] {
  const { tolerance, informational = [] } = options;
  const differences: Difference[] = [];
  const skip = informational.map((pattern) => pattern.split("."));

  function differ(path: Path, wanted: unknown, have: unknown): void {
    differences.push({ path: textOf(path), expected: shown(wanted), got: shown(have) });
  }

  function walk(wanted: Json, have: unknown, path: Path): void {
    if (have === NOT_DERIVABLE && skip.some((steps) => isAt(path, steps))) return;
    if (Array.isArray(wanted)) walkList(wanted, have, path);
    else if (typeof wanted === "object" && wanted !== null) walkFields(wanted as JsonObject, have, path);
    else if (!sameLeaf(wanted, have, path, tolerance)) differ(path, wanted, have);
  }

  function walkList(wanted: readonly Json[], have: unknown, path: Path): void {
    if (!Array.isArray(have) && !ArrayBuffer.isView(have)) {
      differ(path, wanted, have);
      return;
    }
    const list = have as ArrayLike<unknown>;
    if (list.length !== wanted.length) differ(path, `a list of ${wanted.length}`, `a list of ${list.length}`);
    else for (let i = 0; i < wanted.length; i++) walk(wanted[i]!, list[i], [...path, i]);
  }

  function walkFields(wanted: JsonObject, have: unknown, path: Path): void {
    if (typeof have !== "object" || have === null || Array.isArray(have) || ArrayBuffer.isView(have)) {
      differ(path, wanted, have);
      return;
    }
    const fields = have as Readonly<Record<string, unknown>>;
    const named = Object.entries(wanted);
    // Nothing would be compared, so nothing is confirmed.
    if (named.length === 0 && Object.keys(fields).length > 0) differ(path, wanted, have);
    for (const [name, value] of named) {
      walk(value, Object.hasOwn(fields, name) ? fields[name] : undefined, [...path, name]);
    }
  }

  walk(expected, got, []);
  return differences;
}

function isAt(path: Path, steps: readonly string[]): boolean {
  return steps.length === path.length && steps.every((step, i) => step === "*" || step === String(path[i]));
}

function sameLeaf(wanted: Json, have: unknown, path: Path, tolerance: Tolerance | undefined): boolean {
  const number = numberOf(wanted);
  return number !== undefined && typeof have === "number"
    ? closeEnough(number, have, path, tolerance)
    : wanted === have;
}
