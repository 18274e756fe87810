import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { type CaseResult, goldenOperations, readGolden, runCase } from "@tokenmark/engines";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { diagnoseOperation } from "../conformance/diagnose-operation.ts";
import { fileReason } from "../error-message.ts";
import { exitStatus } from "../exit-status.ts";
import { writeStdout } from "../write-output.ts";

const HELP = `
Golden files hold what the published reference implementation of a mark gave for some inputs. Every case is computed anew by the code
that reads those marks here, and every leaf of its output is compared; the expected values are only compared. A folder stands for the
.json files in it.

Exit status: 0 all passed, 1 something differs, is unknown or cannot be read, 2 error.

Examples:
  tokenmark conformance packages/engines/test/vectors
  tokenmark conformance --json kgw-hf.json | jq .passed
`;

/** What became of the cases of one op in one file. */
interface Row {
  readonly file: string;
  readonly op: string;
  readonly passed: number;
  readonly failed: number;
  /** Where the first failed case differs, and how. */
  readonly first: string | null;
  /** Every failed case, for machines. */
  readonly failures: readonly Failure[];
}

/** A failed case: the first leaf that differs, and how many do. */
interface Failure extends NonNullable<CaseResult["first"]> {
  readonly id: string;
  readonly differences: number;
}

const operations = [...goldenOperations, diagnoseOperation];

async function filesOf(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith(".json")).sort();
  if (names.length === 0) throw new Error("no .json file is in it");
  return names.map((name) => join(path, name));
}

function sentence({ id, first }: CaseResult): string | null {
  return first && `${id}: ${first.path}: wanted ${first.expected}, got ${first.got}`;
}

function rowsOf(file: string, results: readonly CaseResult[]): readonly Row[] {
  return [...groupByOp(results)].map(([op, group]) => {
    const failed = group.filter(({ passed }) => !passed);
    const [worst] = failed;
    return {
      file,
      op,
      passed: group.length - failed.length,
      failed: failed.length,
      first: worst === undefined ? null : sentence(worst),
      failures: failed.flatMap(({ id, first, differences }) => (first === null ? [] : [{ id, ...first, differences }])),
    };
  });
}

function groupByOp(results: readonly CaseResult[]): ReadonlyMap<string, readonly CaseResult[]> {
  const groups = new Map<string, CaseResult[]>();
  for (const result of results) groups.set(result.op, [...(groups.get(result.op) ?? []), result]);
  return groups;
}

/** A file or folder that cannot be read counts as one failure: the rest is checked all the same. */
function unreadable(file: string, error: unknown): Row {
  const known = error instanceof TokenmarkError || (error as NodeJS.ErrnoException).code === undefined;
  const reason = known ? (error as Error).message : fileReason(error);
  return { file, op: "-", passed: 0, failed: 1, first: `cannot be read: ${reason}`, failures: [] };
}

async function checkFile(file: string, signal: AbortSignal): Promise<readonly Row[]> {
  try {
    const cases = readGolden(await readFile(file, { encoding: "utf8", signal }));
    return rowsOf(
      file,
      cases.map((golden) => runCase(golden, operations)),
    );
  } catch (error) {
    signal.throwIfAborted();
    return [unreadable(file, error)];
  }
}

function table(rows: readonly Row[]): string {
  const cells = [
    ["file", "op", "passed", "failed", "first difference"],
    ...rows.map(({ file, op, passed, failed, first }) => [file, op, `${passed}`, `${failed}`, first ?? ""]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => (i === 2 || i === 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `tokenmark conformance`. */
export function conformanceCommand({ signal, end }: CommandContext): Command {
  return new Command("conformance")
    .description("recompute golden files of reference implementations, every case and leaf")
    .argument("<paths...>", "golden files, or folders of them")
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action(async (paths: readonly string[], { json = false }: { readonly json?: boolean }) => {
      const rows: Row[] = [];
      for (const path of paths) {
        try {
          for (const file of await filesOf(path)) rows.push(...(await checkFile(file, signal)));
        } catch (error) {
          signal.throwIfAborted();
          rows.push(unreadable(path, error));
        }
      }
      const passed = rows.reduce((sum, row) => sum + row.passed, 0);
      const failed = rows.reduce((sum, row) => sum + row.failed, 0);
      const report = json
        ? JSON.stringify({ passed, failed, rows })
        : `${table(rows)}\n\n${passed} cases passed, ${failed} failed`;
      await writeStdout(`${report}\n`);
      if (failed > 0) end(exitStatus.found);
    });
}
