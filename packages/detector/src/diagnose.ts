import {
  type AnySchemeConfig,
  type BlindSpot,
  checkProfileKey,
  createScheme,
  type Key,
  type SchemeRegistry,
  TokenmarkError,
  type TokenSequence,
  type Trap,
} from "@tokenmark/core";
import { checkSequence } from "./argument-check.ts";
import type { Detection } from "./detection.ts";
import { detectTokens, type SpanOptions } from "./tokens.ts";
import { DEFAULT_ALPHA } from "./verdict.ts";

/** What an auditor was told: a profile, or a bare config. */
export interface Declared {
  readonly scheme: AnySchemeConfig;
  /** Checked against the key if given, as in a profile. */
  readonly keyId?: string;
}

/** Options of {@link diagnose}. */
export interface DiagnoseOptions extends Pick<SpanOptions, "dropPromptUnits"> {
  readonly key: Key;
  /** The schemes and their known mistakes, as data: `engineRegistry` of `@tokenmark/engines`. */
  readonly registry: SchemeRegistry;
  /** Ids of the prompt, if it is known. */
  readonly prompt?: TokenSequence | undefined;
  /** The false-positive rate that a corrected p-value is held to. @defaultValue 1e-6 */
  readonly alpha?: number;
}

/** One mistake that was tried. */
export interface TriedTrap {
  readonly code: string;
  readonly advice: string;
  /** What would be different from the declared configuration; never a key. */
  readonly actual: Readonly<Record<string, unknown>>;
  /** Public id of the key that was used, if it was another than the declared one. */
  readonly keyId: string | null;
  /** The test under this reading, not corrected. */
  readonly detection: Detection;
  /** Its log₁₀ p, corrected for all readings that were tried (Bonferroni). */
  readonly correctedLog10P: number;
  /** p-value of the declared setting given that the text is marked, corrected likewise; null if p-values for the mark tell. */
  readonly misfit: number | null;
  /** From 0, the text looks just as this mistake would make it, to 1; no test. Null if nothing can be said. */
  readonly resemblance: number | null;
}

/** What {@link diagnose} found out. */
export interface Diagnosis {
  /** The test under the declared configuration. */
  readonly declared: Detection;
  /** All mistakes that were tried, the best explanation first. */
  readonly tried: readonly TriedTrap[];
  /** Tests that p-values are corrected for: the declared one and every mistake tried, with all readings that it was chosen from. */
  readonly correctedFor: number;
  /** The mistake that explains the text, if one does. */
  readonly finding: TriedTrap | null;
  /** Where the mark is found as declared: mistakes that the text can neither show nor rule out, the one it looks like most first. */
  readonly possible: readonly TriedTrap[];
  /** Where nothing is found, neither as declared nor otherwise: mistakes that no text can show, never as a finding. */
  readonly untestable: readonly BlindSpot[];
  /** The answer in a sentence or two. */
  readonly sentence: string;
}

/** Readings whose evidence differs by less are the same to the eye of a test. */
const TIE_DECADES = 0.5;
/** A text that is found anyway is explained better by another reading only if that is a hundred times less likely by chance. */
const BETTER_DECADES = 2;
/** Level of the tests whether the declared setting fits a marked text. */
const MISFIT_LEVEL = 0.01;

/**
 * Says what may be wrong with what an auditor was told, when a text looks unmarked under it, or less marked than it should: tries
 * the known mistakes of the declared engine (another width, byte order of the key, prompt in or out of the context, a swapped share …)
 * and corrects for their number. Only a reading whose corrected p-value is at most alpha is named.
 *
 * A finding is a reason to ask the deployer, not evidence to convict by: the configuration was chosen after looking at the text.
 *
 * @example
 * const { finding, sentence } = diagnose(ids, profile, { key, registry: engineRegistry });
 *
 * @throws TokenmarkError `bad-argument`, `bad-config`, `key-mismatch`, `unknown-contract`.
 */
export function diagnose(tokens: TokenSequence, declared: Declared, options: DiagnoseOptions): Diagnosis {
  const { key, registry, prompt, alpha = DEFAULT_ALPHA, dropPromptUnits = true } = options;
  checkSequence("tokens", tokens);
  if (prompt !== undefined) checkSequence("prompt", prompt);
  if (declared.keyId !== undefined) checkProfileKey(declared as Parameters<typeof checkProfileKey>[0], key);
  const scheme = createScheme(declared.scheme, key, { registry });
  const joined = prompt === undefined ? tokens : Int32Array.from([...toArray(prompt), ...toArray(tokens)]);
  const span = { start: prompt?.length ?? 0, promptKnown: prompt !== undefined, dropPromptUnits };
  const asDeclared = detectTokens(scheme, joined, { ...span, alpha });
  const { scheme: name, ...config } = declared.scheme;
  const factory = Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (factory?.traps === undefined) {
    throw new TokenmarkError("bad-config", `scheme: wanted one of the registry with known mistakes, got ${name}`);
  }
  const traps = factory.traps(config, key, { tokens, prompt: prompt ?? null });
  const correctedFor = traps.reduce((sum, { chosenFrom = 1 }) => sum + chosenFrom, 1);
  const correction = Math.log10(correctedFor);
  const tried = traps.map((trap) => attempt(trap));
  const better = [...tried].sort((a, b) => a.correctedLog10P - b.correctedLog10P);
  const found = asDeclared.log10PValue <= Math.log10(alpha);
  const finding = choose();
  const untestable = finding === null && !found ? (factory.blindSpots ?? []) : [];
  return Object.freeze({
    declared: asDeclared,
    tried: Object.freeze(better),
    correctedFor,
    finding,
    possible: Object.freeze(finding === null && found ? undecided() : []),
    untestable: Object.freeze([...untestable]),
    sentence: [
      sentenceOf(asDeclared, finding, correctedFor, alpha),
      ...untestable.map(({ code, advice }) => `No text can show this: ${code}: ${advice}`),
    ].join(" "),
  });

  function attempt(trap: Trap): TriedTrap {
    const { code, advice, actual, reading, misfit, resemblance } = trap;
    const detection = detectTokens(trap.scheme, reading?.tokens ?? joined, {
      start: reading?.start ?? span.start,
      promptKnown: reading?.promptKnown ?? span.promptKnown,
      dropPromptUnits,
      alpha,
    });
    return Object.freeze({
      code,
      advice,
      actual: Object.freeze({ ...actual }),
      keyId: trap.key?.id ?? null,
      detection,
      correctedLog10P: Math.min(0, detection.log10PValue + correction),
      misfit: misfit === undefined ? null : Math.min(1, misfit * correctedFor),
      resemblance: resemblance ?? misfit ?? null,
    });
  }

  function choose(): TriedTrap | null {
    const bar = found ? asDeclared.log10PValue - BETTER_DECADES : Math.log10(alpha);
    const best = better.find(({ correctedLog10P }) => correctedLog10P <= bar);
    if (best !== undefined) return preferred(tied(best));
    if (!found) return null;
    const misfits = tried.filter(({ misfit }) => misfit !== null && misfit <= MISFIT_LEVEL);
    const least = Math.min(...misfits.map(({ misfit }) => misfit!));
    return preferred(misfits.filter(({ misfit }) => misfit! <= 10 * least)) ?? null;
  }

  function undecided(): readonly TriedTrap[] {
    const known = tried.filter(({ resemblance }) => resemblance !== null);
    return known.sort((a, b) => a.resemblance! - b.resemblance! || Number(contradicts(b)) - Number(contradicts(a)));
  }

  function tied(best: TriedTrap): readonly TriedTrap[] {
    return tried.filter(({ correctedLog10P }) => correctedLog10P <= best.correctedLog10P + TIE_DECADES);
  }

  /** Whether a reading is of something that the deployer said. */
  function contradicts({ actual }: TriedTrap): boolean {
    return Object.keys(actual).some((field) => Object.hasOwn(config, field));
  }

  /** Of explanations that the text cannot tell apart: one that contradicts something the deployer said, then the likelier. */
  function preferred(candidates: readonly TriedTrap[]): TriedTrap | null {
    return candidates.find(contradicts) ?? candidates[0] ?? null;
  }
}

function toArray(tokens: TokenSequence): readonly number[] {
  return Array.prototype.slice.call(tokens);
}

function decades(log10: number): string {
  return `p = 10^${log10.toFixed(1)}`;
}

function sentenceOf(declared: Detection, finding: TriedTrap | null, correctedFor: number, alpha: number): string {
  const found = declared.log10PValue <= Math.log10(alpha);
  const tests = `${correctedFor} readings were tried`;
  if (finding === null) {
    return found
      ? `The mark is found as declared (${decades(declared.log10PValue)}), and no known mistake explains the text better; ${tests}.`
      : `Nothing was found as declared (${decades(declared.log10PValue)}), and no known mistake explains it; ${tests}.`;
  }
  const { detection, correctedLog10P, code, advice, misfit } = finding;
  const lead = found
    ? `The mark is found as declared (${decades(declared.log10PValue)}), but`
    : `Nothing was found as declared (${decades(declared.log10PValue)}), but`;
  const evidence =
    misfit !== null && correctedLog10P > declared.log10PValue - BETTER_DECADES
      ? `the text does not fit the declared setting (p = ${misfit.toPrecision(2)} after correction)`
      : `another reading gives ${decades(detection.log10PValue)}, ${decades(correctedLog10P)} after correction`;
  return `${lead} ${evidence}; ${tests}. ${code}: ${advice}`;
}
