import { perplexityChange } from "./answer-losses.ts";
import type { DistillResults, StudentRow } from "./distill-results.ts";
import { lossChange } from "./losses.ts";
import { lossChangeText, table } from "./report-text.ts";

/** Whether a student differs from another in the marked share alone, and has none. */
const isCleanTwin = (row: StudentRow, marked: StudentRow): boolean =>
  row.share === 0 &&
  row.round === 1 &&
  row.label === marked.label &&
  row.temperature === marked.temperature &&
  row.answers === marked.answers &&
  row.student === marked.student &&
  row.seed === marked.seed;

const perplexityText = ({ perplexityUnderTeacher }: StudentRow): string => perplexityUnderTeacher?.toFixed(1) ?? "";

function perplexityChangeText(marked: StudentRow, clean: StudentRow): string {
  const [own, other] = [marked.answerLosses, clean.answerLosses];
  return own === undefined || other === undefined ? "" : lossChangeText(perplexityChange(own, other));
}

/** Quality with the mark against without: students of the same seed, size and answers; null where there is none of the one or the other. */
export function qualityTable({ students }: DistillResults): string | null {
  const pairs = students
    .filter(({ share, round }) => share === 1 && round === 1)
    .flatMap((marked) => {
      const clean = students.find((row) => isCleanTwin(row, marked));
      return clean === undefined ? [] : [{ marked, clean }];
    });
  if (pairs.length === 0) return null;
  const wrote = pairs.some(({ marked }) => marked.perplexityUnderTeacher !== null);
  const head = ["scheme", "student", "temperature", "answers", "seed", "loss, unmarked", "loss, all marked", "change"];
  const rows = pairs.map(({ marked, clean }) => [
    marked.label,
    marked.student,
    marked.temperature,
    marked.answers,
    marked.seed,
    clean.heldOutLoss.toFixed(3),
    marked.heldOutLoss.toFixed(3),
    lossChangeText(lossChange(marked, clean)),
    ...(wrote ? [perplexityText(clean), perplexityText(marked), perplexityChangeText(marked, clean)] : []),
  ]);
  return table([...head, ...(wrote ? ["perplexity, unmarked", "perplexity, all marked", "change"] : [])], rows);
}
