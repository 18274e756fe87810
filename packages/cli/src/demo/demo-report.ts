import {
  DEFAULT_ALPHA,
  type Detection,
  evidenceLevel,
  formatPValue,
  scoreText,
  type TextTokenScore,
} from "@tokenmark/detector";
import type { ModelTokenizer } from "@tokenmark/transformers";
import { heatMap } from "../heat-map.ts";
import { DELETED_SHARE, type DemoRun, type Trial } from "./run-demo.ts";

const SHOWN_CHARACTERS = 84;
/** The scheme whose passage is shown token by token. */
const MAPPED = "gumbel";

function opening(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, line.lastIndexOf(" ", SHOWN_CHARACTERS))} …` : line;
}

const cell = ({ log10PValue, verdict }: Detection): string =>
  `${log10PValue.toFixed(1).replace(/^-0\.0$/, "0.0")}${verdict === "marked" ? "*" : " "}`;

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const last = widths.length - 1;
  return rows.map((row) =>
    row
      .map((text, column) =>
        column === 0 || column === last ? text.padEnd(widths[column]!) : text.padStart(widths[column]!),
      )
      .join("   ")
      .trimEnd(),
  );
}

function row({ name, marked, edited, wrongKey, unmarked }: Trial): readonly string[] {
  const cells = [marked, edited, wrongKey, unmarked].map(cell);
  return [name, String(marked.tokensScored), ...cells, marked.verdict];
}

const HEADINGS = [
  "scheme",
  "tokens scored",
  "marked ",
  "edited ",
  "wrong key ",
  "unmarked ",
  "verdict on the marked text",
];

function mapOf(trial: Trial, tokenizer: ModelTokenizer, colours: boolean): readonly string[] {
  const { tokens } = scoreText(trial.scheme, trial.text, tokenizer);
  const pieceOf = (score: TextTokenScore) => ({
    text: trial.text.slice(score.start, score.end),
    level: evidenceLevel(score),
  });
  return heatMap(tokens.map(pieceOf), { colours });
}

/** The demo's answer, for somebody who has never heard of any of this. */
export function demoReport(
  { unmarkedText, trials }: DemoRun,
  tokenizer: ModelTokenizer,
  { colours }: { readonly colours: boolean },
): readonly string[] {
  const mapped = trials.find(({ name }) => name === MAPPED)!;
  const passages = [["none", unmarkedText] as const, ...trials.map(({ name, text }) => [name, text] as const)];
  const percent = `${100 * DELETED_SHARE}%`;
  return [
    "What it wrote (how each passage begins):",
    "",
    ...passages.map(([name, text]) => `  ${name.padEnd(13)}${opening(text)}`),
    "",
    "The mark cannot be seen. Whoever has the key can find it, from the text alone:",
    "",
    ...table([HEADINGS, ...trials.map(row)]).map((line) => `  ${line}`),
    "",
    "The figures are log10 p: -20 says that text written without this key scores so high once in 10^20 texts; near 0, that nothing",
    `was found. * is the verdict "marked": p is at most alpha, ${formatPValue(Math.log10(DEFAULT_ALPHA))}, one false alarm in a million texts.`,
    "",
    "  marked     the passage as it was written, under the right key",
    `  edited     the same after ${percent} of its words were deleted: weaker, since each deletion takes the tokens around it along`,
    "  wrong key  the same under another key: nothing, as it should be",
    '  unmarked   the first passage under the right key: nothing; the verdict is then cannot-tell, never "unmarked"',
    "",
    `Where the evidence sits, in the ${MAPPED} passage:`,
    "",
    ...mapOf(mapped, tokenizer, colours),
    "",
    "A p-value speaks of the key, not of authorship. The prose is poor because the model is tiny; the mark does not change that.",
    "",
    "Next:  npx -y pnpm@10 -s tokenmark --help",
  ];
}
