import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { sha256 } from "../survival/sha256.ts";
import type { StoredText } from "../survival/written-texts.ts";
import type { Bench } from "./bench.ts";
import type { StudentSpec } from "./distill-config.ts";
import { studentWeights, trainStudent } from "./train-student.ts";

/** Trains a student where its folder does not hold it yet. A folder is named after everything that it depends on. */
export async function studentFolder(
  bench: Bench,
  spec: StudentSpec,
  rows: readonly StoredText[],
  seed: string,
  base: string | null,
): Promise<string> {
  const name = sha256(JSON.stringify([bench.about, spec, base && basename(base), seed, rows])).slice(0, 24);
  const folder = join(bench.folder, "students", name);
  const checkpoint = `${folder}.checkpoint`;
  await trainStudent({
    spec,
    rows,
    seed,
    folder,
    checkpoint,
    ...(base === null ? {} : { weights: studentWeights(base) }),
  });
  rmSync(checkpoint, { force: true });
  return folder;
}
