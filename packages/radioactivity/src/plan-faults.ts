import { auditModes } from "./audit-mode.ts";
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
  isPositive,
  isSentence,
  type Rule,
  show,
} from "./field-rules.ts";
import { LEAST_WRONG_KEYS } from "./wrong-keys.ts";

const isHeat: Check = (value) => value === 0 || isPositive(value);
const isMode: Check = (value) => (auditModes as readonly unknown[]).includes(value);
const isScheme: Check = (value) => isObject(value) && isLine(value.scheme);
const isScore: Check = (value) =>
  isObject(value) &&
  isScheme(value.scheme) &&
  isMode(value.mode) &&
  isPositive(value.excess) &&
  isCount(1)(value.tokensScored) &&
  isNumber(value.expectedScore) &&
  isFlag(value.retokenised);

const rules: readonly Rule[] = [
  ["hypothesis", "a sentence on one line", isSentence],
  ["alpha", "a number strictly between 0 and 1", isLevel],
  ["tests", "at least one", (value) => Array.isArray(value) && value.length > 0],
  ["probe.sha256", "64 hex digits", isHex(64)],
  ["probe.transcripts", "an integer of at least 1", isCount(1)],
  ["probe.tokens", "an integer of at least 0", isCount(0)],
  ["tokenizerSha256", "64 hex digits", isHex(64)],
  ["controls.wrongKeys", `an integer of at least ${LEAST_WRONG_KEYS}`, isCount(LEAST_WRONG_KEYS)],
  ["controls.cleanStudents", "a list of names", isList(isLine)],
  ["controls.baseModel", "a name or null", isNullOr(isLine)],
  ["closed.answers", "an integer of at least 1", isCount(1)],
  ["closed.tokens", "an integer of at least 1", isCount(1)],
  ["closed.temperature", "a number of at least 0", isHeat],
  ["closed.seed", "a text of one line", isLine],
];

const testRules: readonly Rule[] = [
  ["mode", `one of ${auditModes.join(", ")}`, isMode],
  ["keyId", "16 hex digits", isHex(16)],
  ["scheme", "a scheme's config", isScheme],
];

const pilotRules: readonly Rule[] = [
  ["suspect", "a text of one line", isLine],
  ["planDigest", "64 hex digits", isHex(64)],
  ["shareRatio", "a number above 0", isPositive],
  ["temperature", "a number of at least 0", isHeat],
  ["scores", "a list of scores", isList(isScore)],
];

/** What is wrong with a plan's fields, in a sentence; null if nothing is. */
export function planFault(plan: unknown): string | null {
  const fault = faultOf(plan, rules, "");
  if (fault !== null) return fault;
  const { tests, pilots = [] } = plan as { tests: readonly unknown[]; pilots?: unknown };
  if (!Array.isArray(pilots)) return `pilots: wanted a list, got ${show(pilots)}`;
  const faults = [
    ...tests.map((test, i) => faultOf(test, testRules, `tests[${i}].`)),
    ...pilots.map((pilot, i) => faultOf(pilot, pilotRules, `pilots[${i}].`)),
  ];
  return faults.find((one) => one !== null) ?? null;
}
