import { TokenmarkError } from "../errors.ts";
import type { Key } from "../key.ts";
import type { TokenSequence, WatermarkScheme } from "../types.ts";
import { checkInteger, checkNumber, checkOneOf, checkRecord, show } from "../validate.ts";
import { dualGumbel } from "./dual-gumbel.ts";
import { gumbel } from "./gumbel.ts";
import { type KgwSeeding, kgw } from "./kgw.ts";
import { synthid } from "./synthid.ts";
import { unigram } from "./unigram.ts";

/** A scheme and its parameters as JSON, without the key. */
export type SchemeConfig =
  | {
      readonly scheme: "kgw";
      readonly gamma: number;
      readonly delta: number;
      readonly seeding: KgwSeeding;
      readonly contextWidth: number;
    }
  | { readonly scheme: "unigram"; readonly gamma: number; readonly delta: number }
  | { readonly scheme: "synthid"; readonly depth: number; readonly leaves: number; readonly contextWidth: number }
  | { readonly scheme: "gumbel"; readonly contextWidth: number }
  | { readonly scheme: "dual-gumbel"; readonly contextWidth: number; readonly shareB: number };

/** Names of our own schemes, as in configs and on the command line. */
export type SchemeName = SchemeConfig["scheme"];

/** Another reading of a text: what would be true if a named mistake had been made, and how to mend it. */
export interface Trap {
  /** Stable, such as `context-width-mismatch`. */
  readonly code: string;
  /** One sentence for the auditor: what to fix. */
  readonly advice: string;
  /** What is different from the declared configuration: public parameters only, never a key. */
  readonly actual: Readonly<Record<string, unknown>>;
  /** The scheme to read the text with. */
  readonly scheme: WatermarkScheme;
  /** The key it would be, if another than the declared one. */
  readonly key?: Key;
  /**
   * p-value of the declared setting given that the text is marked: small where the text itself contradicts it. For mistakes that
   * a p-value for the mark cannot show, since the mark is found either way.
   */
  readonly misfit?: number;
  /**
   * How much the text looks as this mistake would make it: from 0, just so, to 1. No test, since a text without the mistake can look so
   * too; it never makes a finding, it only orders the mistakes that a text can neither show nor rule out.
   */
  readonly resemblance?: number;
  /** The tokens to read, if not the declared ones. */
  readonly reading?: { readonly tokens: TokenSequence; readonly start: number; readonly promptKnown: boolean };
  /** From how many readings this one was chosen by the text's scores; all of them count as tried. @defaultValue 1 */
  readonly chosenFrom?: number;
}

/** A mistake that no text can show here, since the reading that would show it cannot be computed. */
export interface BlindSpot {
  /** Stable, such as `device-generator`. */
  readonly code: string;
  /** One sentence for the auditor: what to ask. */
  readonly advice: string;
}

/** A scheme that core does not know: how to read its config and how to make it. */
export interface SchemeFactory {
  /** Known mistakes for a declared configuration and text, the likeliest first; for diagnosis. */
  traps?(
    config: Readonly<Record<string, unknown>>,
    key: Key,
    text: { readonly tokens: TokenSequence; readonly prompt: TokenSequence | null },
  ): readonly Trap[];
  /** Mistakes that make a marked text look unmarked and that no reading can show. */
  readonly blindSpots?: readonly BlindSpot[];
  /** Checks a config strictly and fills defaults in; throws TokenmarkError `bad-config`. */
  parse(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  create(config: Readonly<Record<string, unknown>>, key: Key): WatermarkScheme;
}

/** Schemes by name that are handed in as data, so that core never imports those who import it. */
export type SchemeRegistry = Readonly<Record<string, SchemeFactory>>;

/** A config of ours, or of a registry's scheme. */
export type AnySchemeConfig = SchemeConfig | (Readonly<Record<string, unknown>> & { readonly scheme: string });

type Reader = (field: string, value: unknown) => unknown;
const fraction: Reader = (field, value) => checkNumber(field, value, 0, 1, { open: true, code: "bad-config" });
const bias: Reader = (field, value) => checkNumber(field, value, 0, 100, { code: "bad-config" });
const integer =
  (min: number, max: number): Reader =>
  (field, value) =>
    checkInteger(field, value, min, max, "bad-config");
const width = integer(1, 1024);
const seeding: Reader = (field, value) => checkOneOf(field, value, ["lefthash", "minhash", "selfhash"], "bad-config");
const share: Reader = (field, value) => checkNumber(field, value, 0, 1, { code: "bad-config" });

/** Every field with its documented default and its check. The factories take the same defaults. */
const FIELDS: Record<SchemeName, Readonly<Record<string, readonly [fallback: number | string, read: Reader]>>> = {
  kgw: { gamma: [0.25, fraction], delta: [2, bias], seeding: ["selfhash", seeding], contextWidth: [3, width] },
  unigram: { gamma: [0.5, fraction], delta: [2, bias] },
  synthid: { depth: [30, integer(1, 32)], leaves: [2, integer(2, 64)], contextWidth: [4, width] },
  gumbel: { contextWidth: [4, width] },
  "dual-gumbel": { contextWidth: [4, width], shareB: [0.1, share] },
};

/** Names of our own schemes. */
export const schemeNames: readonly SchemeName[] = Object.freeze(Object.keys(FIELDS) as SchemeName[]);

/**
 * Reads a scheme config strictly: unknown fields, wrong types and values out of range are refused, missing ones get their
 * documented defaults, so that the answer is complete.
 *
 * @throws TokenmarkError `bad-config`.
 */
export function parseSchemeConfig(
  value: unknown,
  options: { readonly registry?: SchemeRegistry } = {},
): AnySchemeConfig {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TokenmarkError("bad-config", `scheme config: wanted an object, got ${show(value)}`);
  }
  const { scheme: name, ...given } = value as Record<string, unknown>;
  const registered =
    typeof name === "string" && options.registry && Object.hasOwn(options.registry, name)
      ? options.registry[name]
      : undefined;
  if (registered !== undefined) return { scheme: name as string, ...registered.parse(given) };
  const known = [...schemeNames, ...Object.keys(options.registry ?? {})];
  const scheme = checkOneOf("scheme", name, known, "bad-config") as SchemeName;
  const fields = FIELDS[scheme];
  checkRecord(`scheme config of ${scheme}`, given, Object.keys(fields), "bad-config");
  const config: Record<string, unknown> = { scheme };
  for (const [field, [fallback, read]] of Object.entries(fields))
    config[field] = read(field, field in given ? given[field] : fallback);
  return Object.freeze(config) as unknown as SchemeConfig;
}

/**
 * The scheme to take without further thought: of those that do not distort, the survival benchmark finds none more often after attacks, and of those
 * that tie it answers one prompt in the most ways (docs/survival.md). Greedy text cannot carry it.
 */
export const DEFAULT_SCHEME: SchemeName = "dual-gumbel";

/** A scheme with its documented defaults. */
export function defaultSchemeConfig(scheme: SchemeName = DEFAULT_SCHEME): SchemeConfig {
  return parseSchemeConfig({ scheme }) as SchemeConfig;
}

/**
 * Makes the scheme that a config names.
 *
 * @throws TokenmarkError `bad-config`.
 */
export function createScheme(
  config: AnySchemeConfig,
  key: Key,
  options: { readonly registry?: SchemeRegistry } = {},
): WatermarkScheme {
  const { registry } = options;
  const parsed = parseSchemeConfig(config, options);
  if (registry && Object.hasOwn(registry, parsed.scheme)) {
    const { scheme, ...rest } = parsed;
    return registry[scheme]!.create(rest, key);
  }
  const own = parsed as SchemeConfig;
  switch (own.scheme) {
    case "kgw":
      return kgw(key, parametersOf(own));
    case "unigram":
      return unigram(key, parametersOf(own));
    case "synthid":
      return synthid(key, parametersOf(own));
    case "gumbel":
      return gumbel(key, parametersOf(own));
    case "dual-gumbel":
      return dualGumbel(key, parametersOf(own));
    default:
      return own satisfies never;
  }
}

function parametersOf<Config extends SchemeConfig>(config: Config): Omit<Config, "scheme"> {
  const { scheme: _, ...parameters } = config;
  return parameters;
}
