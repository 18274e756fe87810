import { randomisedPValue } from "@tokenmark/radioactivity";
import seedrandom from "seedrandom";
import { reasonOf } from "../survival/reason-of.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import { auditStudent } from "./audit-student.ts";
import { type Answers, type Bench, samplingOf } from "./bench.ts";
import type { ControlRow } from "./distill-results.ts";
import { studentFolder } from "./student-folder.ts";
import { baseFolder } from "./teacher-answers.ts";
import { askTeacher, mixAnswers } from "./training-set.ts";

/** Clean students, each from its own seed and sample of unmarked answers, each audited under its own key on transcripts marked with that key. */
export async function runControls(bench: Bench, maker: SchemeMaker, unmarked: Answers): Promise<ControlRow[]> {
  const { config, teacher, work, about, heldOut, step, failed } = bench;
  const spec = { ...config.students[0]!, epochs: config.cleanEpochs };
  const rows: ControlRow[] = [];
  for (let control = 0; control < config.cleanControls; control++) {
    const seed = `control/${control}`;
    const what = `clean control ${control}, ${maker.label}`;
    try {
      // Half of the pool each, drawn anew: a sample of its own.
      const sample = mixAnswers(unmarked, unmarked, 0.5, seed).marked.map((i) => unmarked[i]!);
      const folder = await studentFolder(bench, spec, sample, seed, await baseFolder(bench, spec));
      const settings = samplingOf(bench, seed);
      const prompts = unmarked.slice(0, config.controlTranscripts).map(({ prompt }) => prompt);
      const keyName = `${seed}/teacher`;
      const audit = await work.keep<ControlRow>(
        ["controls", what],
        {
          ...about,
          // Values that were kept before rows had a randomised p-value are made again.
          randomised: true,
          folder: folder.slice(-24),
          scheme: maker.config,
          settings,
          prompts: sha256(JSON.stringify(prompts)),
        },
        async () => {
          const transcripts = await askTeacher(teacher, maker, keyName, prompts, settings);
          const { modes } = await auditStudent({
            folder,
            teacher,
            maker,
            keyName,
            transcripts,
            closed: null,
            wrongKeys: 0,
            heldOut: heldOut.slice(0, 2000),
            seed,
          });
          const open = modes[0]!;
          const { tokensScored, pValue, log10PValue } = open;
          const uniform = seedrandom(`${seed}/${maker.label}/ties`)();
          return {
            label: maker.label,
            student: spec.label,
            control,
            tokensScored,
            pValue,
            randomisedPValue: randomisedPValue(maker.create(keyName), open, uniform),
            log10PValue,
          };
        },
      );
      rows.push(audit);
    } catch (error) {
      failed.push({ what, reason: reasonOf(error) });
    }
    step(what);
  }
  return rows;
}
