import type { SurvivalResults } from "../survival/results.ts";
import { firstAtHalf, type StealingFigure, stealingFigures } from "./adversary-figures.ts";
import type { DefaultChoice } from "./choose-default.ts";
import { fixed, listText, shareText } from "./figure-text.ts";
import { greatestLength, markingSchemes, type ReportOptions } from "./report-scope.ts";
import { strongAttack } from "./strong-attack.ts";
import type { SurvivalFigure } from "./survival-figures.ts";
import { tokensForHalfPower } from "./tokens-for-power.ts";

/** Which scheme to choose, in sentences that the results alone decide; one paragraph for the default, one a model. */
export function adviceParagraphs(
  results: SurvivalResults,
  figures: readonly SurvivalFigure[],
  choice: DefaultChoice,
  options: ReportOptions = {},
): readonly string[] {
  const start =
    choice.label === null
      ? "No default follows from these results."
      : `The default is ${choice.label}: best survival without distortion.${choice.ties.length === 0 ? "" : ` The results do not set it apart from ${listText(choice.ties)}.`}`;
  return [
    `${start} ${choice.reasons.join(" ")}`,
    ...results.models.map(({ name }) =>
      [
        `On ${name}:`,
        ...cleanEvidence(results, figures, name),
        ...survivesStrongAttack(results, figures, name, options),
        ...fewTokens(results, figures, name),
        ...thefts(results, name),
      ].join(" "),
    ),
  ];
}

function free(results: SurvivalResults): ReadonlySet<string> {
  return new Set(
    markingSchemes(results)
      .filter(({ distortionFree }) => distortionFree)
      .map(({ label }) => label),
  );
}

/** The item of least value, and all that equal it. */
function least<Item>(items: readonly Item[], value: (item: Item) => number): readonly Item[] {
  const values = items.map(value);
  const lowest = Math.min(...values);
  return items.filter((_, i) => values[i] === lowest);
}

function cleanEvidence(results: SurvivalResults, figures: readonly SurvivalFigure[], model: string): readonly string[] {
  const length = greatestLength(results, model);
  const clean = figures.filter((f) => f.model === model && f.attack === "none" && f.length === length);
  const marking = new Set(markingSchemes(results).map(({ label }) => label));
  const undistorted = free(results);
  const best = least(
    clean.filter(({ scheme }) => undistorted.has(scheme)),
    (f) => f.medianLog10PValue,
  );
  const any = least(
    clean.filter(({ scheme }) => marking.has(scheme)),
    (f) => f.medianLog10PValue,
  );
  if (best.length === 0) return [];
  const median = `${fixed(best[0]!.medianLog10PValue, 1)} at ${length} tokens`;
  const sentence = `the most evidence as written at no distortion is that of ${listText(best.map(({ scheme }) => scheme))} (median log10 p ${median})`;
  const stronger = any[0]!;
  if (stronger.medianLog10PValue >= best[0]!.medianLog10PValue) return [`${sentence}; none that distorts gives more.`];
  return [
    `${sentence}; ${listText(any.map(({ scheme }) => scheme))}, which distorts, gives ${fixed(stronger.medianLog10PValue, 1)}.`,
  ];
}

function survivesStrongAttack(
  results: SurvivalResults,
  figures: readonly SurvivalFigure[],
  model: string,
  options: ReportOptions,
): readonly string[] {
  const strong = strongAttack(results, figures, options);
  const length = greatestLength(results, model);
  const marking = new Set(markingSchemes(results).map(({ label }) => label));
  const here = figures.filter(
    (f) =>
      f.model === model &&
      f.attack === strong?.attack &&
      f.strength === strong.strength &&
      f.length === length &&
      marking.has(f.scheme),
  );
  if (strong === null || here.length === 0) return [];
  const name = `${strong.attack} at strength ${strong.strength}`;
  const best = least(here, (f) => -f.found[1]!.share);
  const leader = best[0]!;
  if (leader.found[1]!.count === 0)
    return [`After ${name}, no scheme's text is found at 1e-3 (of ${leader.texts} each).`];
  const overlapping = here.filter((f) => !best.includes(f) && f.found[1]!.upper >= leader.found[1]!.lower);
  const close =
    overlapping.length === 0
      ? ""
      : `; the intervals of ${listText(overlapping.map(({ scheme }) => scheme))} overlap with it`;
  const undistorted = free(results);
  const freeBest = least(
    here.filter(({ scheme }) => undistorted.has(scheme)),
    (f) => -f.found[1]!.share,
  );
  const without =
    freeBest.length === 0 || freeBest.some((f) => best.includes(f))
      ? ""
      : `; at no distortion ${listText(freeBest.map(({ scheme }) => scheme))} does best with ${shareText(freeBest[0]!.found[1]!)}`;
  return [
    `After ${name}, ${listText(best.map(({ scheme }) => scheme))} is found most often: ${shareText(leader.found[1]!)}${without}${close}.`,
  ];
}

function fewTokens(results: SurvivalResults, figures: readonly SurvivalFigure[], model: string): readonly string[] {
  const needed = [...free(results)].flatMap((scheme) => {
    const clean = figures.filter((f) => f.model === model && f.scheme === scheme && f.attack === "none");
    const power = tokensForHalfPower(clean)?.[1];
    return power === undefined ? [] : [{ scheme, ...power }];
  });
  const best = least(needed, ({ tokens }) => tokens);
  if (best.length === 0) return [];
  const { tokens, extrapolated } = best[0]!;
  return [
    `For short texts at no distortion, ${listText(best.map(({ scheme }) => scheme))} needs the fewest tokens to find half of them at 1e-3: ${tokens}${extrapolated ? ", extrapolated beyond the measured lengths" : ""}.`,
  ];
}

function thefts(results: SurvivalResults, model: string): readonly string[] {
  const here = stealingFigures(results).filter((figure) => figure.model === model);
  const schemes = [...new Set(here.map(({ scheme }) => scheme))];
  if (schemes.length === 0) return ["Theft was not tried."];
  const stolen: string[] = [];
  const inPart: string[] = [];
  const safe: string[] = [];
  for (const scheme of schemes) {
    const curve = here.filter((figure) => figure.scheme === scheme);
    const first = firstAtHalf<StealingFigure>(curve, ({ spoofed }) => spoofed);
    if (first !== null) {
      stolen.push(`${scheme} by ${first.tokensSeen} tokens (${shareText(first.spoofed)})`);
      continue;
    }
    const most = curve.reduce((a, b) => (b.spoofed.share > a.spoofed.share ? b : a));
    // Chance lets one in a thousand pass.
    const list = most.spoofed.lower > 1e-2 ? inPart : safe;
    list.push(
      `${scheme} (at most ${most.spoofed.count} of ${most.spoofed.n}, up to ${curve.at(-1)!.tokensSeen} tokens)`,
    );
  }
  return [
    ...(stolen.length === 0
      ? []
      : [`Stolen, in that half of the forgeries pass at usual quality: ${listText(stolen)}.`]),
    ...(inPart.length === 0 ? [] : [`Stolen in part, fewer than half of the forgeries pass: ${listText(inPart)}.`]),
    ...(safe.length === 0 ? [] : [`Not stolen: ${listText(safe)}.`]),
  ];
}
