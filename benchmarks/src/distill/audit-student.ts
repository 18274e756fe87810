import type { AnySchemeConfig, LogitReader, WatermarkScheme } from "@tokenmark/core";
import {
  agreement,
  closedProbe,
  clusterBootstrap,
  contextFilter,
  openProbe,
  type Probe,
  type ProbeSize,
  planProbe,
  type ScoreInterval,
  type TallyTest,
  type Transcript,
  testTally,
  testWrongKeys,
  type WrongKeyTest,
} from "@tokenmark/radioactivity";
import type { TextModel } from "../models/text-model.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import type { StoredText } from "../survival/written-texts.ts";
import { type AnswerLoss, answerLosses, meanLoss } from "./answer-losses.ts";
import { type HeldOutLoss, heldOutLoss } from "./losses.ts";
import { openStudent } from "./open-student.ts";
import { readAlong, transcriptsOf } from "./read-along.ts";
import { unitsToLevel } from "./units-to-level.ts";

/** The level that figures on token counts are for. */
export const LEVEL = 1e-5;

/** Fewer wrong keys than this test nothing. */
const LEAST_KEYS = 20;

/** What one mode says of a student. */
export interface ModeResult extends TallyTest {
  readonly mode: "open" | "closed" | "closed-unfiltered";
  readonly positions: number;
  readonly copied: number;
  readonly repeated: number;
  readonly interval: ScoreInterval;
  readonly wrongKeys: WrongKeyTest | null;
  /** Units after which p stayed at most {@link LEVEL}, transcript by transcript; null if it never did. */
  readonly unitsToLevel: number | null;
  /** Units and sum of scores of each transcript, for plans from this student as a pilot; open mode's alone. */
  readonly clusters: readonly (readonly [tokensScored: number, statistic: number])[] | null;
  /** Units that the planner asks for with this student as its pilot, for an even chance of {@link LEVEL}. */
  readonly planned: ProbeSize | null;
}

/** A student as an audit and a reader see it; its loss is on text by people that nobody was trained on. */
export interface StudentAudit extends HeldOutLoss {
  readonly scheme: AnySchemeConfig;
  readonly modes: readonly ModeResult[];
  /** Share of the teacher's tokens that it predicts. */
  readonly agreement: number;
  /** exp of the mean nats a token of its answers under the teacher; null where it was asked for none. */
  readonly perplexityUnderTeacher: number | null;
  /** Each of those answers' loss under the teacher, to compare two students prompt by prompt. Results of before they were kept lack it. */
  readonly answerLosses?: readonly AnswerLoss[];
}

/** What an audit of a student works on. */
export interface AuditStudentOptions {
  readonly folder: string;
  readonly teacher: TextModel;
  readonly maker: SchemeMaker;
  readonly keyName: string;
  /** The marked transcripts that the student is said to have read. */
  readonly transcripts: readonly StoredText[];
  /** What closed mode asks it to write; null: nothing. */
  readonly closed: { readonly answers: number; readonly tokens: number; readonly temperature: number } | null;
  /** 0: the tail is not tested. */
  readonly wrongKeys: number;
  readonly heldOut: string;
  readonly seed: string;
  /** What the copier puts between the student and whoever asks it. @defaultValue nothing */
  readonly wrap?: (reader: LogitReader) => LogitReader;
}

function testProbe(
  mode: ModeResult["mode"],
  probe: Probe,
  scheme: WatermarkScheme,
  { maker, wrongKeys, seed, keyName }: AuditStudentOptions,
): ModeResult {
  const tally = probe.tally(scheme);
  const test = testTally(scheme, tally);
  const keys = wrongKeys === 0 || mode === "open" ? wrongKeys : Math.max(LEAST_KEYS, Math.round(wrongKeys / 10));
  return {
    mode,
    ...test,
    positions: tally.positions,
    copied: tally.copied,
    repeated: tally.repeated,
    interval: clusterBootstrap(tally, `${seed}/${mode}`),
    wrongKeys:
      keys === 0
        ? null
        : testWrongKeys(probe, { scheme, test }, (i) => maker.create(`${keyName}/${mode}/wrong/${i}`), keys),
    unitsToLevel: unitsToLevel(scheme, tally, LEVEL),
    clusters: mode === "open" ? tally.clusters.map(({ tokensScored, statistic }) => [tokensScored, statistic]) : null,
    planned: tally.tokensScored === 0 ? null : planProbe(scheme, tally, { alpha: LEVEL, power: 0.5 }),
  };
}

/** Audits a student's folder as anybody's would be: its own predictions along the transcripts, and its own answers. */
export async function auditStudent(options: AuditStudentOptions): Promise<StudentAudit> {
  const { folder, teacher, maker, keyName, transcripts, closed, heldOut, seed } = options;
  const scheme = maker.create(keyName);
  const { width } = scheme.context;
  const student = await openStudent(folder);
  try {
    const read = transcriptsOf(transcripts);
    const reader = options.wrap?.(student.reader!) ?? student.reader!;
    const predictions = await readAlong(reader, read);
    const modes: ModeResult[] = [testProbe("open", openProbe(read, predictions, width), scheme, options)];
    let losses: readonly AnswerLoss[] | undefined;
    if (closed !== null) {
      const answers = await student.write(
        Array.from({ length: closed.answers }, (_, i) => ({
          prompt: transcripts[i % transcripts.length]!.prompt,
          scheme: null,
          seed: `${seed}/closed/${i}`,
        })),
        { temperature: closed.temperature, topK: 0, topP: 1, maxTokens: closed.tokens },
      );
      const written = answers.map(({ promptTokens, tokens }): Transcript => ({ prompt: promptTokens, tokens }));
      modes.push(
        testProbe("closed", closedProbe(written, width, contextFilter(read, width)), scheme, options),
        testProbe("closed-unfiltered", closedProbe(written, width), scheme, options),
      );
      losses = await answerLosses(teacher, answers);
    }
    const predicted = predictions.reduce((sum, row, i) => sum + agreement(row, read[i]!.tokens), 0);
    return {
      scheme: maker.config,
      modes,
      agreement: predicted / read.length,
      ...(await heldOutLoss(reader, student.tokenizer, heldOut)),
      perplexityUnderTeacher: losses === undefined ? null : Math.exp(meanLoss(losses)),
      ...(losses === undefined ? {} : { answerLosses: losses }),
    };
  } finally {
    await student.dispose();
  }
}
