import { openProbe, type RegisteredKey, traceKeys } from "@tokenmark/radioactivity";
import seedrandom from "seedrandom";
import { drawIndices } from "../attacks/draws.ts";
import { reasonOf } from "../survival/reason-of.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import { type Answers, type Bench, samplingOf } from "./bench.ts";
import type { TracingRow } from "./distill-results.ts";
import { openStudent } from "./open-student.ts";
import { readAlong, transcriptsOf } from "./read-along.ts";
import { studentFolder } from "./student-folder.ts";
import { askTeacher } from "./training-set.ts";

const CUSTOMERS = 2;

const customerKey = (seed: string, id: number): string => `${seed}/customer/${id}`;

/**
 * Two customers' answers, each under its own key, in one training set; and who of all registered customers is named. The student reads unmarked
 * answers to the same prompts: nobody is singled out by what it is given to read. A student of unmarked answers is traced beside it.
 */
export async function runTracing(
  bench: Bench,
  maker: SchemeMaker,
  seed: string,
  unmarked: Answers,
): Promise<TracingRow[]> {
  const { config, teacher, work, about, step, failed } = bench;
  if (config.tracing === null) return [];
  const { registered, alpha } = config.tracing;
  const spec = config.students[0]!;
  const asked = unmarked.slice(0, config.answers[0]!);
  const what = `tracing ${maker.label}, seed ${seed}`;
  const rows: TracingRow[] = [];
  try {
    const customers = [...drawIndices(registered, CUSTOMERS, seedrandom(`${seed}/customers`))].sort((a, b) => a - b);
    const answers: Answers[] = [];
    for (const [k, id] of customers.entries()) {
      const prompts = asked.filter((_, i) => i % CUSTOMERS === k).map(({ prompt }) => prompt);
      const settings = samplingOf(bench, seed);
      const dependsOn = { ...about, settings, scheme: maker.config, id, prompts: sha256(JSON.stringify(prompts)) };
      answers.push(
        await work.keep(["answers", `customer ${k} ${maker.label} ${seed}`], dependsOn, () =>
          askTeacher(teacher, maker, customerKey(seed, id), prompts, settings),
        ),
      );
    }
    for (const student of ["marked", "clean"] as const) {
      const training = student === "marked" ? answers.flat() : asked;
      const folder = await studentFolder(bench, spec, training, `${seed}/student`, null);
      const dependsOn = { ...about, folder: folder.slice(-24), scheme: maker.config, registered, alpha };
      rows.push(
        await work.keep<TracingRow>(["tracing", `${what} ${student}`], dependsOn, async () => ({
          label: maker.label,
          seed,
          student,
          customers: student === "marked" ? customers : [],
          ...(await trace(folder, asked, maker, seed, registered, alpha)),
        })),
      );
    }
  } catch (error) {
    failed.push({ what, reason: reasonOf(error) });
  }
  step(what);
  return rows;
}

async function trace(
  folder: string,
  read: Answers,
  maker: SchemeMaker,
  seed: string,
  registered: number,
  alpha: number,
): Promise<Pick<TracingRow, "trace">> {
  const student = await openStudent(folder);
  try {
    const transcripts = transcriptsOf(read);
    const predictions = await readAlong(student.reader!, transcripts);
    const keys = Array.from(
      { length: registered },
      (_, id): RegisteredKey => ({ id: String(id), scheme: maker.create(customerKey(seed, id)) }),
    );
    return { trace: traceKeys(openProbe(transcripts, predictions, keys[0]!.scheme.context.width), keys, alpha) };
  } finally {
    await student.dispose();
  }
}
