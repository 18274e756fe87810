import {
  type Check,
  faultOf,
  isCount,
  isFlag,
  isHex,
  isLevel,
  isLine,
  isList,
  isNullOr,
  isNumber,
  isObject,
  type Rule,
} from "./field-rules.ts";
import { rankOf } from "./rank-test.ts";

const units = isCount(0);
const number: readonly [string, Check] = ["a number", isNumber];
const isShare: Check = (value) => isNumber(value) && (value as number) >= 0 && (value as number) <= 1;
const share: readonly [string, Check] = ["a number from 0 to 1", isShare];
const count: readonly [string, Check] = ["an integer of at least 0", units];
const isPair =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length === 2 && value.every(check);

const tallyRules: readonly Rule[] = [
  ["tokensScored", ...count],
  ["statistic", ...number],
  ["meanScore", ...number],
  ["expectedScore", ...number],
  ["zScore", ...number],
  ["pValue", ...share],
  ["log10PValue", ...number],
  ["tail", "a name", isLine],
];
const controlRules: readonly Rule[] = [
  ["role", '"clean student" or "base model"', (value) => value === "clean student" || value === "base model"],
  ["name", "a text of one line", isLine],
  ["retokenised", "true or false", isFlag],
  ...tallyRules,
];
const findingRules: readonly Rule[] = [
  ["positions", ...count],
  ["copied", ...count],
  ["repeated", ...count],
  ["clusters", ...count],
  ["scoreInterval.lower", "a number or null", isNullOr(isNumber)],
  ["scoreInterval.upper", "a number or null", isNullOr(isNumber)],
  ["wrongKeys.keys", "an integer of at least 2", isCount(2)],
  ["wrongKeys.rankPValue", ...number],
  ["wrongKeys.largestZScore", ...number],
  ["controls", "a list", isList(isObject)],
  ["controlUnits", "an integer or null", isNullOr(units)],
  ["because", "a sentence", isLine],
];
const tailRules: readonly Rule[] = [
  ["ksPValue", ...share],
  ["dispersion", ...number],
  ["dispersionInterval", "two numbers", isPair(isNumber)],
  ["meanZScore", ...number],
  ["atOrBelow", "two integers", isPair(units)],
  ["dispersedLog10PValue", "a number or null", isNullOr(isNumber)],
];

/** What {@link findingsFault} counts on once the rules hold. */
interface Counted {
  readonly positions: number;
  readonly copied: number;
  readonly repeated: number;
  readonly clusters: number;
  readonly scoreInterval: { readonly lower: number | null; readonly upper: number | null };
  readonly wrongKeys: {
    readonly keys: number;
    readonly rankPValue: number;
    readonly atOrBelow?: readonly [number, number];
  };
  readonly controls: readonly unknown[];
}

/** Counts that cannot be. */
function countFault(
  { positions, copied, repeated, clusters, scoreInterval, wrongKeys }: Counted,
  tokensScored: number,
): string | null {
  if (tokensScored + copied + repeated > positions || clusters > tokensScored) {
    return "positions: wanted at least as many as units, copies and repeats together, got fewer";
  }
  const { lower, upper } = scoreInterval;
  if ((lower === null) !== (upper === null)) return "scoreInterval: wanted two bounds or none, got one";
  const [hundredth, thousandth] = wrongKeys.atOrBelow ?? [0, 0];
  if (hundredth > wrongKeys.keys || thousandth > hundredth) {
    return `wrongKeys.atOrBelow: wanted at most ${wrongKeys.keys} keys, and fewer at the smaller level, got ${hundredth} and ${thousandth}`;
  }
  if (rankOf(wrongKeys.rankPValue, wrongKeys.keys) !== null) return null;
  return `wrongKeys.rankPValue: wanted a rank among ${wrongKeys.keys} keys, got ${wrongKeys.rankPValue}`;
}

/**
 * What is wrong with the fields of a test's findings, in a sentence; null if nothing is.
 *
 * @param test - where its units, sum and p-value stand.
 */
export function findingsFault(findings: unknown, test: unknown): string | null {
  const fault = faultOf(findings, findingRules, "") ?? faultOf(test, tallyRules, "");
  if (fault !== null) return fault;
  const counted = findings as Counted;
  const ofControls = counted.controls.map((control, i) => faultOf(control, controlRules, `controls[${i}].`));
  const ofTail = "dispersion" in counted.wrongKeys ? faultOf(counted.wrongKeys, tailRules, "wrongKeys.") : null;
  return (
    ofControls.find((one) => one !== null) ??
    ofTail ??
    countFault(counted, (test as { readonly tokensScored: number }).tokensScored)
  );
}

const resultRules: readonly Rule[] = [
  ["suspect", "what the suspect gave", isObject],
  ["retokenised", "true or false", isFlag],
  ["collected", "true or false", isFlag],
  ["correctedPValue", ...number],
  ["correctedLog10PValue", ...number],
  ["pilotUnits", "an integer or null", isNullOr(units)],
  ["needed", "a size or null", isNullOr(isObject)],
];
const neededRules: readonly Rule[] = [
  ["tokensScored", "an integer or null", isNullOr(units)],
  ["positions", "an integer or null", isNullOr(units)],
  ["assumedScore", ...number],
  ["expectedScore", ...number],
  ["isExtrapolated", "true or false", isFlag],
];

/** What is wrong with the fields of a plan's result, in a sentence; null if nothing is. */
export function resultFault(result: unknown): string | null {
  const fault = faultOf(result, resultRules, "");
  if (fault !== null) return fault;
  const { suspect, needed } = result as { readonly suspect: unknown; readonly needed: unknown };
  return (needed === null ? null : faultOf(needed, neededRules, "needed.")) ?? findingsFault(result, suspect);
}

const keyRules: readonly Rule[] = [
  ["id", "a text of one line", isLine],
  ["correctedPValue", ...number],
  ["correctedLog10PValue", ...number],
  ...tallyRules,
];
const traceRules: readonly Rule[] = [
  ["suspect", "a text of one line", isLine],
  ["alpha", "a number strictly between 0 and 1", isLevel],
  ["correctedFor", "an integer of at least 1", isCount(1)],
  ["probe.transcripts", ...count],
  ["probe.tokens", ...count],
  ["probe.sha256", "a digest", isLine],
  ["accountsSha256", "a digest", isLine],
  ["leftOut", ...count],
  ["untested", ...count],
  ["tokenizerSha256", "64 hex digits", isHex(64)],
  ["scheme.scheme", "a scheme's name", isLine],
  ["controls", "a list of names", isList(isLine)],
  ["named", "a list", isList(isObject)],
  ["next", "a key or null", isNullOr(isObject)],
  ["others", "what the others gave, or null", isNullOr(isObject)],
];
const namedRules: readonly Rule[] = [
  ["keyId", "a key's public id", isLine],
  ["reads", '"own" or "shared"', (value) => value === "own" || value === "shared"],
  ...keyRules,
];
const othersRules: readonly Rule[] = [
  ["keys", ...count],
  ["ksPValue", ...share],
  ["atOrBelow", "two integers", isPair(units)],
];

/** What is wrong with the fields of a trace's report, in a sentence; null if nothing is. */
export function traceFault(report: unknown): string | null {
  const fault = faultOf(report, traceRules, "");
  if (fault !== null) return fault;
  const { named, next, others } = report as { named: readonly unknown[]; next: unknown; others: unknown };
  const ofNamed = named.map((key, i) => {
    const one = faultOf(key, namedRules, "") ?? findingsFault(key, key);
    return one === null ? null : `named[${i}].${one}`;
  });
  return (
    ofNamed.find((one) => one !== null) ??
    (next === null ? null : faultOf(next, keyRules, "next.")) ??
    (others === null ? null : faultOf(others, othersRules, "others."))
  );
}
