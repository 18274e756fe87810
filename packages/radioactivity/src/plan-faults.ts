import { auditModes } from "./audit-mode.ts";
import { LEAST_WRONG_KEYS } from "./wrong-keys.ts";

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText: Check = (value) => typeof value === "string";
const isSentence: Check = (value) => typeof value === "string" && value.trim() !== "";
const isHex =
  (digits: number): Check =>
  (value) =>
    typeof value === "string" && value.length === digits && /^[0-9a-f]*$/.test(value);
const isCount =
  (least: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least;
const isPositive: Check = (value) => typeof value === "number" && value > 0 && Number.isFinite(value);
const isList =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const isMode: Check = (value) => (auditModes as readonly unknown[]).includes(value);
const isScheme: Check = (value) => isObject(value) && isText(value.scheme);
const isScore: Check = (value) =>
  isObject(value) &&
  isScheme(value.scheme) &&
  isMode(value.mode) &&
  isPositive(value.excess) &&
  isCount(1)(value.tokensScored);

/** Path, what it has to be, and whether it is. */
type Rule = readonly [path: string, wanted: string, check: Check];

const rules: readonly Rule[] = [
  ["hypothesis", "a sentence", isSentence],
  ["alpha", "a number strictly between 0 and 1", (value) => isPositive(value) && (value as number) < 1],
  ["tests", "at least one", (value) => Array.isArray(value) && value.length > 0],
  ["probe.sha256", "64 hex digits", isHex(64)],
  ["probe.transcripts", "an integer of at least 1", isCount(1)],
  ["probe.tokens", "an integer of at least 0", isCount(0)],
  ["tokenizerSha256", "64 hex digits", isHex(64)],
  ["controls.wrongKeys", `an integer of at least ${LEAST_WRONG_KEYS}`, isCount(LEAST_WRONG_KEYS)],
  ["controls.cleanStudents", "a list of names", isList(isText)],
  ["controls.baseModel", "a name or null", (value) => value === null || isText(value)],
  ["closed.answers", "an integer of at least 1", isCount(1)],
  ["closed.tokens", "an integer of at least 1", isCount(1)],
  ["closed.temperature", "a number of at least 0", (value) => value === 0 || isPositive(value)],
  ["closed.seed", "a text", isText],
];

const testRules: readonly Rule[] = [
  ["mode", `one of ${auditModes.join(", ")}`, isMode],
  ["keyId", "16 hex digits", isHex(16)],
  ["scheme", "a scheme's config", isScheme],
];

const pilotRules: readonly Rule[] = [
  ["suspect", "a text", isText],
  ["planDigest", "64 hex digits", isHex(64)],
  ["shareRatio", "a number above 0", isPositive],
  ["temperature", "a number of at least 0", (value) => value === 0 || isPositive(value)],
  ["scores", "a list of scores", isList(isScore)],
];

function valueAt(from: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), from);
}

const show = (value: unknown): string => {
  if (Array.isArray(value) && value.length === 0) return "none";
  if (typeof value === "string" && value.trim() === "") return "none";
  return value === undefined ? "none" : (JSON.stringify(value).slice(0, 60) ?? typeof value);
};

function faultOf(from: unknown, checks: readonly Rule[], place: string): string | null {
  for (const [path, wanted, check] of checks) {
    const value = valueAt(from, path);
    if (!check(value)) return `${place}${path}: wanted ${wanted}, got ${show(value)}`;
  }
  return null;
}

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
