import { basename } from "node:path";
import { type KeyTrace, openProbe, type Probe, type RegisteredKey, traceKeys } from "@tokenmark/radioactivity";
import seedrandom from "seedrandom";
import { drawIndices } from "../attacks/draws.ts";
import { reasonOf } from "../survival/reason-of.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import { type Answers, type Bench, samplingOf } from "./bench.ts";
import type { TracingRow } from "./distill-results.ts";
import { openStudent } from "./open-student.ts";
import { readAlong, transcriptsOf } from "./read-along.ts";
import { saveDataset } from "./save-dataset.ts";
import { saveAccounts } from "./save-keys.ts";
import { studentFolder } from "./student-folder.ts";
import { askTeacher } from "./training-set.ts";

const CUSTOMERS = 2;

const customerKey = (seed: string, id: number): string => `${seed}/customer/${id}`;

/** Tokens of the one answer that every other customer was sent. */
const SHORT = 60;

/**
 * Two customers' answers, each under its own key, in one training set; and who of all registered customers is named. The student reads unmarked
 * answers to the same prompts, where nobody is singled out by what it is given to read; and for each customer what that one was sent. A student of
 * unmarked answers is traced beside it.
 */
export async function runTracing(
  bench: Bench,
  maker: SchemeMaker,
  seed: string,
  unmarked: Answers,
): Promise<TracingRow[]> {
  const { config, work, about, step, failed } = bench;
  if (config.tracing === null) return [];
  const { registered, alpha } = config.tracing;
  const spec = config.students[0]!;
  const asked = unmarked.slice(0, config.answers[0]!);
  const what = `tracing ${maker.label}, seed ${seed}`;
  const rows: TracingRow[] = [];
  try {
    const customers = [...drawIndices(registered, CUSTOMERS, seedrandom(`${seed}/customers`))].sort((a, b) => a - b);
    const sent = await answersSent(bench, maker, seed, customers, asked);
    const parts = sent.map((own, id) => ({ answers: own, key: maker.keyOf(customerKey(seed, id)) }));
    const keyNames = sent.map((_, id) => customerKey(seed, id));
    saveAccounts(saveDataset(bench, `customers ${maker.label} ${seed}`, parts), keyNames, maker, bench);
    for (const student of ["marked", "clean"] as const) {
      const training = student === "marked" ? customers.flatMap((id) => sent[id]!) : asked;
      const folder = await studentFolder(bench, spec, training, `${seed}/student`, null);
      for (const read of ["unmarked", "own"] as const) {
        const dependsOn = { ...about, folder: folder.slice(-24), scheme: maker.config, registered, alpha, read };
        rows.push(
          await work.keep<TracingRow>(["tracing", `${what} ${student} ${read}`], dependsOn, async () => ({
            label: maker.label,
            seed,
            student,
            customers: student === "marked" ? customers : [],
            read,
            folder: basename(folder),
            trace: await trace(folder, read === "own" ? sent : sent.map(() => asked), maker, seed, alpha),
          })),
        );
      }
    }
  } catch (error) {
    failed.push({ what, reason: reasonOf(error) });
  }
  step(what);
  return rows;
}

/** What every registered customer was sent, under its own key: to the copiers' two the answers to their half of the prompts, to others one. */
async function answersSent(
  bench: Bench,
  maker: SchemeMaker,
  seed: string,
  customers: readonly number[],
  asked: Answers,
): Promise<readonly Answers[]> {
  const { teacher, work, about, config } = bench;
  const settings = samplingOf(bench, seed);
  const prompts = asked.map(({ prompt }) => prompt);
  const dependsOn = { ...about, settings, scheme: maker.config, prompts: sha256(JSON.stringify(prompts)) };
  const sent: Answers[] = [];
  for (const [k, id] of customers.entries()) {
    const own = prompts.filter((_, i) => i % CUSTOMERS === k);
    sent[id] = await work.keep(["answers", `customer ${k} ${maker.label} ${seed}`], { ...dependsOn, id }, () =>
      askTeacher(teacher, maker, customerKey(seed, id), own, settings),
    );
  }
  const others = Array.from({ length: config.tracing!.registered }, (_, id) => id).filter(
    (id) => !customers.includes(id),
  );
  const written = await work.keep(
    ["answers", `customers ${maker.label} ${seed}`],
    { ...dependsOn, others },
    async () => {
      const requests = others.map((id) => ({
        prompt: prompts[id % prompts.length]!,
        scheme: maker.create(customerKey(seed, id)),
        seed: `${seed}/customer/${id}`,
      }));
      const texts = await teacher.write(requests, {
        temperature: settings.temperature,
        topK: 0,
        topP: 1,
        maxTokens: SHORT,
      });
      return texts.map(({ tokens, promptTokens }, i) => ({
        prompt: requests[i]!.prompt,
        promptTokens: [...promptTokens],
        tokens: [...tokens],
      }));
    },
  );
  for (const [i, id] of others.entries()) sent[id] = [written[i]!];
  return sent;
}

/** @param read - what the student reads for each customer; those with the same answers share a probe. */
async function trace(
  folder: string,
  read: readonly Answers[],
  maker: SchemeMaker,
  seed: string,
  alpha: number,
): Promise<KeyTrace> {
  const student = await openStudent(folder);
  try {
    const probes = new Map<Answers, Probe>();
    const keys: RegisteredKey[] = [];
    for (const [id, answers] of read.entries()) {
      const scheme = maker.create(customerKey(seed, id));
      let probe = probes.get(answers);
      if (probe === undefined) {
        const transcripts = transcriptsOf(answers);
        probe = openProbe(transcripts, await readAlong(student.reader!, transcripts), scheme.context.width);
        probes.set(answers, probe);
      }
      keys.push({ id: String(id), scheme, probe });
    }
    return traceKeys(keys, alpha);
  } finally {
    await student.dispose();
  }
}
