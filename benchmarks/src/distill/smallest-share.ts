import { type AnySchemeConfig, createScheme, Key, type WatermarkScheme } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";
import { type ProbePilot, planProbe, type Tally } from "@tokenmark/radioactivity";
import { groupBy } from "../report/group-by.ts";
import { median } from "../timing.ts";
import { LEVEL, type ModeResult } from "./audit-student.ts";
import type { StudentRow } from "./distill-results.ts";

/** What students of one marked share gave, those of several seeds together. */
interface Tried {
  readonly share: number;
  readonly log10PValue: number;
}

/** One seed's crossing, and what others let expect of it. */
export interface SeedShare extends Pick<SmallestShare, "measured" | "found"> {
  readonly seed: string;
  readonly planned: number | null;
  /** From its largest share alone, as the planner does without further pilots: the excess is linear in the share. */
  readonly plannedLinear: number | null;
}

/** The smallest marked share that was found, and the one that was to be expected. */
export interface SmallestShare {
  /** Where the median log10 p over seeds reaches the level, between two shares that were tried; null where it never does, or from the first on. */
  readonly measured: number | null;
  /** Smallest share that was tried and found by its median, as were all larger ones. */
  readonly found: number | null;
  /** Geometric means over seeds; null if a seed has none. */
  readonly planned: number | null;
  readonly plannedLinear: number | null;
  readonly seeds: readonly SeedShare[];
}

const openOf = (row: StudentRow): ModeResult => row.modes.find(({ mode }) => mode === "open")!;

/** The law of a scheme is the same under every key. */
const anyKey = (config: AnySchemeConfig): WatermarkScheme =>
  createScheme(config, Key.fromHex("00".repeat(32)), { registry: engineRegistry });

const tallyOf = ({ tokensScored, statistic, positions, copied, repeated, clusters }: ModeResult): Tally => ({
  tokensScored,
  statistic,
  positions,
  copied,
  repeated,
  clusters: (clusters ?? []).map(([units, sum]) => ({ tokensScored: units, statistic: sum })),
});

/** Of rows of one seed and share as a pilot, for a suspect of another share. */
const pilotAt = (row: StudentRow, share: number): ProbePilot => ({
  tally: tallyOf(openOf(row)),
  shareRatio: share / row.share,
});

/** The smallest share whose transcripts hold the units that the planner asks for; null if even the largest pilot's do not. */
function shareThatSuffices(pilots: readonly StudentRow[]): number | null {
  const largest = pilots[0]!;
  const scheme = anyKey(largest.scheme);
  const { positions } = openOf(largest);
  const suffices = (share: number): boolean => {
    const [first, ...furtherPilots] = pilots.map((row) => pilotAt(row, share));
    const { tally, shareRatio } = first!;
    const size = planProbe(scheme, tally, { alpha: LEVEL, power: 0.5, shareRatio, furtherPilots });
    return size.positions !== null && size.positions <= (share / largest.share) * positions;
  };
  if (!suffices(largest.share)) return null;
  let [low, high] = [1e-4, largest.share];
  for (let i = 0; i < 40; i++) {
    const middle = Math.sqrt(low * high);
    if (suffices(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The share at which log10 p is the level, between two that were tried: ln(−log10 p) is near linear in ln(share), since −log10 p grows like its
 * powers. Where the smaller share shows next to nothing the line starts at a tenth of a decade.
 */
function crossing(before: Tried, after: Tried, level: number): number {
  const depth = ({ log10PValue }: Tried): number => Math.log(Math.max(0.1, -log10PValue));
  const part = (Math.log(-level) - depth(before)) / (depth(after) - depth(before));
  return before.share * (after.share / before.share) ** part;
}

/** Where students cross the level, and the smallest share from which on all are found. */
function crossingOf(rows: readonly StudentRow[]): Pick<SmallestShare, "measured" | "found"> {
  const tried = groupBy(rows, ({ share }) => String(share))
    .map(
      (group): Tried => ({ share: group[0]!.share, log10PValue: median(group.map((row) => openOf(row).log10PValue)) }),
    )
    .sort((a, b) => a.share - b.share);
  const level = Math.log10(LEVEL);
  const first = tried.findIndex((_, i) => tried.slice(i).every(({ log10PValue }) => log10PValue <= level));
  const after = tried[first];
  const before = tried[first - 1];
  return {
    measured: before === undefined || after === undefined ? null : crossing(before, after, level),
    found: after?.share ?? null,
  };
}

const geometricMean = (values: readonly (number | null)[]): number | null =>
  values.some((value) => value === null)
    ? null
    : Math.exp(values.reduce<number>((sum, value) => sum + Math.log(value!), 0) / values.length);

/** Pilots are students of the largest share that was tried, and of the one nearest to a tenth of it. */
function pilotShares(rows: readonly StudentRow[]): readonly [largest: number, tenth: number] {
  const shares = [...new Set(rows.map(({ share }) => share))].sort((a, b) => b - a);
  const largest = shares[0]!;
  const distance = (share: number): number => Math.abs(Math.log((10 * share) / largest));
  return [largest, shares.reduce((best, share) => (distance(share) < distance(best) ? share : best))];
}

/**
 * Of students that differ in their marked share and seed alone. Each seed's crossing is planned from the other seeds' students of two shares; with
 * one seed alone, from its own.
 */
export function smallestShare(all: readonly StudentRow[]): SmallestShare {
  const rows = all.filter(({ share }) => share > 0);
  const [largest, tenth] = pilotShares(rows);
  const bySeed = groupBy(rows, ({ seed }) => seed);
  const seeds = bySeed.map((own): SeedShare => {
    const { seed } = own[0]!;
    const others = bySeed.length === 1 ? own : rows.filter((row) => row.seed !== seed);
    const whole = others.filter(({ share }) => share === largest);
    return {
      seed,
      ...crossingOf(own),
      planned: shareThatSuffices([...whole, ...others.filter(({ share }) => share === tenth)]),
      plannedLinear: shareThatSuffices(whole),
    };
  });
  return {
    ...crossingOf(rows),
    planned: geometricMean(seeds.map(({ planned }) => planned)),
    plannedLinear: geometricMean(seeds.map(({ plannedLinear }) => plannedLinear)),
    seeds,
  };
}
