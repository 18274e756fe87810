import seedrandom from "seedrandom";
import type { DistributionRow, MeasuredCell, SurvivalResults } from "../survival/results.ts";
import { mostVaried } from "./most-varied.ts";
import { percentileInterval } from "./percentile-interval.ts";
import type { Difference } from "./proportion-difference.ts";
import { greatestLength, markingSchemes } from "./report-scope.ts";
import { type Stratum, survivalStrata } from "./survival-strata.ts";

const RESAMPLES = 2000;

/** A scheme that could be the default. */
export interface DefaultCandidate {
  readonly label: string;
  /** Share of texts found at 1e-3: mean over strengths, then attacks, then models. */
  readonly meanFound: number;
  /** The leader's mean minus this one's, with a 95 % bootstrap interval over texts, paired by prompt; null for the leader. */
  readonly behind: Difference | null;
}

/** The scheme to take without further thought, and why. */
export interface DefaultChoice {
  /** Null if no scheme qualifies. */
  readonly label: string | null;
  /** Schemes that survive as well as the chosen one as far as the results tell: the paired interval of the difference includes 0. */
  readonly ties: readonly string[];
  /** Best first. */
  readonly candidates: readonly DefaultCandidate[];
  readonly excluded: readonly { readonly label: string; readonly reason: string }[];
  /** Sentences with the figures. */
  readonly reasons: readonly string[];
}

/**
 * The default profile: of our own schemes that claim not to distort, and that the distribution test had before it and does not reject,
 * the one whose texts are found most often at 1e-3 after attacks, at the greatest length; among those that tie with it, the most varied. Compared over cells that all candidates
 * have, so that a failed cell helps nobody; a candidate that lacks more than half of the cells is left out, and named.
 */
export function chooseDefault(results: SurvivalResults): DefaultChoice {
  const excluded: { label: string; reason: string }[] = [];
  const eligible = markingSchemes(results).flatMap(({ label, distortionFree, engine }) => {
    const tested = results.distribution.filter((row) => row.scheme === label && row.contexts > 0);
    const rejected = tested.filter((row) => row.rejected > 0);
    const reason =
      engine !== null
        ? `it is the mark of an engine, ${engine}`
        : !distortionFree
          ? "it distorts"
          : rejected.length > 0
            ? rejectionReason(rejected)
            : tested.length === 0
              ? "its claim of no distortion was not tested"
              : null;
    if (reason === null) return [label];
    excluded.push({ label, reason });
    return [];
  });
  const cells = results.cells.filter(
    (cell): cell is MeasuredCell =>
      cell.status === "measured" &&
      cell.attack !== "none" &&
      eligible.includes(cell.scheme) &&
      cell.length === greatestLength(results, cell.model),
  );
  const { labels, strata, leftOut, places } = survivalStrata(cells, eligible);
  for (const { label, reason } of leftOut) excluded.push({ label, reason });
  const candidates = rankCandidates(labels, strata);
  const [leader, ...others] = candidates;
  const level = others.filter(({ behind }) => behind!.lower <= 0).map(({ label }) => label);
  const varied = leader === undefined ? null : mostVaried(results, [leader.label, ...level]);
  const label = varied?.label ?? leader?.label ?? null;
  const reasons = reasonsOf(candidates, level, excluded, places, strata);
  return Object.freeze({
    label,
    ties: [...(leader === undefined ? [] : [leader.label]), ...level].filter((tied) => tied !== label),
    candidates,
    excluded,
    reasons: varied === null ? reasons : [varied.reason, ...reasons],
  });
}

function rejectionReason(rows: readonly DistributionRow[]): string {
  const { model, rejected, contexts } = rows[0]!;
  return `the distribution test rejects it in ${rejected} of ${contexts} contexts on ${model}`;
}

/** Candidates with their means and paired differences, best first; equal means stay in the order of the results. */
function rankCandidates(labels: readonly string[], strata: readonly Stratum[]): readonly DefaultCandidate[] {
  if (strata.length === 0) return [];
  const whole = strata.map(({ texts }) => Array.from({ length: texts }, (_, i) => i));
  const means = modelMeans(labels, strata, whole);
  const order = labels.map((_, i) => i).sort((i, j) => means[j]! - means[i]! || i - j);
  const random = seedrandom.alea("choose-default");
  const draws = Array.from({ length: RESAMPLES }, () =>
    modelMeans(
      labels,
      strata,
      whole.map((rows) => rows.map(() => Math.floor(rows.length * random()))),
    ),
  );
  const leader = order[0]!;
  return order.map((i) => {
    const gaps = Float64Array.from(draws, (drawn) => drawn[leader]! - drawn[i]!);
    const behind = i === leader ? null : { difference: means[leader]! - means[i]!, ...percentileInterval(gaps) };
    return Object.freeze({ label: labels[i]!, meanFound: means[i]!, behind });
  });
}

/** Mean score of each scheme over the rows taken: models count equally, texts of a model equally. */
function modelMeans(
  labels: readonly string[],
  strata: readonly Stratum[],
  taken: readonly (readonly number[])[],
): readonly number[] {
  return labels.map((_, scheme) => {
    const sums = new Map<string, { sum: number; texts: number }>();
    strata.forEach(({ model, scores }, s) => {
      const total = sums.get(model) ?? { sum: 0, texts: 0 };
      for (const row of taken[s]!) total.sum += scores[scheme]![row]!;
      total.texts += taken[s]!.length;
      sums.set(model, total);
    });
    const byModel = [...sums.values()].map(({ sum, texts }) => sum / texts);
    return byModel.reduce((a, b) => a + b, 0) / byModel.length;
  });
}

function reasonsOf(
  candidates: readonly DefaultCandidate[],
  ties: readonly string[],
  excluded: DefaultChoice["excluded"],
  places: number,
  strata: readonly Stratum[],
): readonly string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const [leader, ...others] = candidates;
  const reasons: string[] = [];
  if (leader === undefined) {
    reasons.push("No own scheme without distortion was measured after an attack.");
  } else {
    const texts = strata.reduce((sum, stratum) => sum + stratum.texts, 0);
    reasons.push(
      `${leader.label} is found in ${percent(leader.meanFound)} of its texts at a false-positive rate of 1e-3, mean over attacks (${places} cells a scheme, ${texts} texts each).`,
    );
    for (const { label, meanFound, behind } of others) {
      const { difference, lower, upper } = behind!;
      const verdict = ties.includes(label) ? ": a tie" : "";
      reasons.push(
        `${label} is found in ${percent(meanFound)}, ${percent(difference)} less (95 % interval of the paired difference ${percent(lower)} to ${percent(upper)})${verdict}.`,
      );
    }
  }
  for (const { label, reason } of excluded) reasons.push(`${label} is no candidate: ${reason}.`);
  return reasons;
}
