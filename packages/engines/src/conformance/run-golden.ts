import { TokenmarkError } from "@tokenmark/core";
import { compareOutput, type Difference } from "./compare.ts";
import type { GoldenCase, GoldenQuestion, Operation } from "./golden.ts";

/** What became of one case. */
export interface CaseResult {
  readonly id: string;
  readonly op: string;
  readonly passed: boolean;
  /** The first leaf that differs; a failure of the computation itself has the path `output`. */
  readonly first: Difference | null;
  /** How many leaves differ. */
  readonly differences: number;
}

const FORMAT = "golden-vectors-v1";

function unreadable(wanted: string, got: string): never {
  throw new TokenmarkError("bad-argument", `golden file: wanted ${wanted}, got ${got}`);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readCase(value: unknown, at: number): GoldenCase {
  if (!isObject(value)) unreadable(`an object as cases[${at}]`, typeof value);
  for (const field of ["id", "op"]) {
    if (typeof value[field] !== "string") unreadable(`a string as cases[${at}].${field}`, typeof value[field]);
  }
  for (const field of ["params", "input", "tolerance"]) {
    if (value[field] !== undefined && !isObject(value[field]))
      unreadable(`an object as cases[${at}].${field}`, typeof value[field]);
  }
  if (value.output === undefined) unreadable(`cases[${at}].output`, "nothing");
  return { ...value, params: value.params ?? {}, input: value.input ?? {} } as unknown as GoldenCase;
}

/**
 * The cases of a golden file.
 *
 * @throws TokenmarkError `bad-argument` for text that is no JSON, another format, no cases, or a case without its fields.
 */
export function readGolden(text: string): readonly GoldenCase[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    unreadable("JSON", "text that does not parse");
  }
  if (!isObject(parsed)) unreadable("an object", Array.isArray(parsed) ? "a list" : typeof parsed);
  if (parsed.format !== FORMAT) unreadable(`format "${FORMAT}"`, JSON.stringify(parsed.format ?? null));
  const { cases } = parsed;
  if (!Array.isArray(cases) || cases.length === 0) unreadable("a list of cases", "none");
  return cases.map(readCase);
}

function failure(question: GoldenCase, expected: string, got: string): CaseResult {
  return { id: question.id, op: question.op, passed: false, first: { path: "output", expected, got }, differences: 1 };
}

/** Recomputes one case from its question alone and compares every leaf of its answer. Never throws. */
export function runCase(golden: GoldenCase, operations: readonly Operation[]): CaseResult {
  const { output, op, id, tolerance, exact, seeds, ...rest } = golden;
  const question: GoldenQuestion = { id, ...rest };
  const named = operations.filter((operation) => operation.op === op);
  const operation = named.find((candidate) => candidate.applies?.(question) ?? true);
  if (operation === undefined) {
    const got =
      named.length === 0 ? `unknown op ${JSON.stringify(op)}` : `an unknown shape of op ${JSON.stringify(op)}`;
    return failure(golden, "an operation that is known", got);
  }
  let computed: unknown;
  try {
    computed = operation.run(
      operation.asked === undefined ? question : { ...question, asked: operation.asked(output) },
    );
  } catch (error) {
    return failure(golden, "a result", error instanceof Error ? error.message : String(error));
  }
  const answer = seeds === undefined || !isObject(output) ? output : { ...output, seeds };
  const differences = compareOutput(answer, computed, {
    tolerance: exact === true ? { exact: true } : tolerance,
    informational: Object.keys(operation.informational ?? {}),
  });
  return { id, op, passed: differences.length === 0, first: differences[0] ?? null, differences: differences.length };
}
