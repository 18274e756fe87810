import { type AnySchemeConfig, parseSchemeConfig } from "@tokenmark/core";
import { contractOf, engineRegistry, isKeyless } from "@tokenmark/engines";
import { datasetShapes, hasKnownLaw } from "@tokenmark/radioactivity";
import { z } from "zod";
import { shareOf } from "../attacks/draws.ts";
import { checkShape, checkUnique, count, each, fields, refuse, SOME, text, within } from "../survival/config-shapes.ts";
import { schemeMaker } from "../survival/scheme-maker.ts";
import { type DistillConfig, UNMARKED } from "./distill-config.ts";
import { removalNames } from "./removal.ts";

const above0 = z.number("a number above 0").positive("a number above 0");
const scheme = z.looseObject({ scheme: text }, "an object with a scheme");

const student = fields({
  label: text,
  layers: count(1),
  width: count(8),
  heads: count(1),
  hidden: count(8),
  epochs: count(1),
  start: z.enum(["scratch", "base"], "scratch or base"),
});

const config = fields({
  name: text,
  schemes: z.array(fields({ label: text, config: scheme }), "a list"),
  shares: each(within(0, 1)),
  answers: each(count(2)).min(1, SOME),
  students: z.array(student, "a list").min(1, SOME),
  prompts: text,
  datasets: z.record(z.string(), text, "an object of files by label"),
  datasetShape: z.enum(datasetShapes, `one of ${datasetShapes.join(", ")}`),
  answerTokens: count(8),
  temperatures: each(above0).min(1, SOME),
  seeds: each(text).min(1, SOME),
  rounds: count(1),
  removals: each(z.enum(removalNames, `one of ${removalNames.join(", ")}`)),
  neutralisers: each(above0),
  defences: z.array(fields({ label: text, parts: z.array(scheme, "a list").min(1, SOME) }), "a list"),
  tracing: fields({ registered: count(2), alpha: above0.lt(1, "a number strictly between 0 and 1") }).nullable(),
  cleanControls: count(0),
  cleanEpochs: count(1),
  controlTranscripts: count(1),
  wrongKeys: count(0),
  closedAnswers: count(0),
  closedTemperature: above0,
  baseAnswers: count(0),
});

/** Refuses marks that tables of p-values cannot hold: without a law, or with one key for everybody. */
function checkMark(mark: AnySchemeConfig): void {
  parseSchemeConfig(mark, { registry: engineRegistry });
  const contract = contractOf(mark);
  if (
    (contract !== undefined && isKeyless(contract)) ||
    !hasKnownLaw(schemeMaker("check", mark, "check").create("check"))
  ) {
    refuse("schemes", "marks with a known law and a key of their own", mark.scheme);
  }
}

/**
 * Refuses a config that cannot run, before anything is computed.
 *
 * @throws TokenmarkError `bad-config`, `unknown-contract`.
 */
export function checkDistillConfig(value: DistillConfig): void {
  checkShape(config, value);
  const { schemes, students, defences, datasets, temperatures, shares, answers, baseAnswers } = value;
  for (const [what, labelled] of Object.entries({ schemes, students, defences })) {
    checkUnique(
      what,
      labelled.map(({ label }) => label),
    );
  }
  const labels = [UNMARKED, ...schemes.map(({ label }) => label)];
  for (const label of Object.keys(datasets)) {
    if (!labels.includes(label)) refuse("datasets", `labels among ${labels.join(", ")}`, label);
  }
  if (Object.keys(datasets).length > 0 && temperatures.length > 1) {
    refuse("temperatures", "one beside datasets, which were written at theirs", temperatures);
  }
  for (const share of shares.filter((one) => one > 0)) {
    const few = answers.find((count) => shareOf(share, count) === 0);
    if (few !== undefined) refuse("shares", `shares of at least one answer in ${few}`, share);
  }
  const uneven = students.find(({ width, heads }) => width % heads !== 0);
  if (uneven !== undefined) refuse("students", "widths that their heads divide", uneven);
  for (const { config: mark } of schemes) checkMark(mark);
  for (const { parts } of defences) for (const part of parts) checkMark(part);
  if (baseAnswers === 0 && students.some(({ start }) => start === "base")) {
    refuse("baseAnswers", "an integer of at least 1 for students from a base", baseAnswers);
  }
}
