import type { TranscriptRecord } from "@tokenmark/radioactivity";
import {
  type AuditPlan,
  type ModelEvidence,
  type Predictions,
  readPredictions,
  type Transcript,
} from "@tokenmark/radioactivity";
import type { Generator } from "@tokenmark/transformers";

/** Answers that are asked for together. */
const BATCH = 16;

/** What a plan wants of a model: its predictions along the transcripts, its own answers, or both. */
export async function modelEvidence(
  name: string,
  generator: Generator,
  plan: AuditPlan,
  transcripts: readonly TranscriptRecord[],
  onStep: (what: string) => void,
): Promise<ModelEvidence> {
  const modes = new Set(plan.tests.map(({ mode }) => mode));
  let predictions: Predictions[] | undefined;
  if (modes.has("open")) {
    predictions = [];
    for (const transcript of transcripts) {
      predictions.push(await readPredictions(generator.reader, transcript));
      onStep(`${name}: read ${predictions.length} of ${transcripts.length} transcripts`);
    }
  }
  const isClosed = modes.has("closed") || modes.has("closed-unfiltered");
  const answers = isClosed ? await writeAnswers(name, generator, plan, transcripts, onStep) : undefined;
  return {
    name,
    ...(predictions === undefined ? {} : { predictions }),
    ...(answers === undefined ? {} : { answers }),
  };
}

async function writeAnswers(
  name: string,
  generator: Generator,
  { closed }: AuditPlan,
  transcripts: readonly TranscriptRecord[],
  onStep: (what: string) => void,
): Promise<Transcript[]> {
  const answers: Transcript[] = [];
  while (answers.length < closed.answers) {
    const from = answers.length;
    const rows = Array.from({ length: Math.min(BATCH, closed.answers - from) }, (_, i) => from + i);
    const written = await generator.generate(
      rows.map((i) => transcripts[i % transcripts.length]!.promptText),
      {
        scheme: null,
        maxTokens: closed.tokens,
        temperature: closed.temperature,
        seed: rows.map((i) => `${closed.seed}/${i}`),
      },
    );
    for (const { promptTokens, tokens } of written) answers.push({ prompt: promptTokens, tokens });
    onStep(`${name}: wrote ${answers.length} of ${closed.answers} answers`);
  }
  return answers;
}
