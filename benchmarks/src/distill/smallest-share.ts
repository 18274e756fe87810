import { type AnySchemeConfig, createScheme, Key, type WatermarkScheme } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";
import { planProbe, type Tally } from "@tokenmark/radioactivity";
import { LEVEL, type ModeResult } from "./audit-student.ts";
import type { StudentRow } from "./distill-results.ts";

/** A student whose marked share is known. */
interface Pilot {
  readonly share: number;
  readonly open: ModeResult;
}

/** The smallest marked share that was found, and the one that was to be expected. */
export interface SmallestShare {
  /** Where log10 p reaches the level, between two shares that were tried; null where it never does, or does from the first on. */
  readonly measured: number | null;
  /** Smallest share that was tried and found, as were all larger ones. */
  readonly found: number | null;
  /** From the two largest shares alone; null without two that show anything, and where the level was reached between those two. */
  readonly predicted: number | null;
  /** From the largest alone, by the planner's own rule: the excess is linear in the share. */
  readonly predictedLinear: number | null;
  /** Power of the share by which the excess score grows, of those pilots: 1 is linear. */
  readonly exponent: number | null;
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

const NOTHING = { predicted: null, predictedLinear: null, exponent: null };

const excess = ({ meanScore, expectedScore }: ModeResult): number => meanScore - expectedScore;

/**
 * The share with an even chance of the level, as the planner has it from the two largest shares: the excess score is share^b, b from the two, and a
 * student of a smaller share was sent so many fewer transcripts to be probed with.
 */
function predict(
  scheme: WatermarkScheme,
  [larger, smaller]: readonly [Pilot, Pilot],
): Pick<SmallestShare, "predicted" | "predictedLinear" | "exponent"> {
  if (!(excess(larger.open) > 0 && excess(smaller.open) > 0)) return NOTHING;
  const exponent = Math.max(
    0,
    Math.log(excess(larger.open) / excess(smaller.open)) / Math.log(larger.share / smaller.share),
  );
  return {
    predicted: shareThatSuffices(scheme, larger, exponent),
    predictedLinear: shareThatSuffices(scheme, larger, 1),
    exponent,
  };
}

/** The smallest share whose transcripts hold the units that the planner asks for; null if even the pilot's do not. */
function shareThatSuffices(
  scheme: WatermarkScheme,
  { share: pilotShare, open }: Pilot,
  exponent: number,
): number | null {
  const pilot = tallyOf(open);
  const suffices = (share: number): boolean => {
    const ratio = share / pilotShare;
    const size = planProbe(scheme, pilot, { alpha: LEVEL, power: 0.5, shareRatio: ratio ** exponent });
    return size.positions !== null && size.positions <= ratio * pilot.positions;
  };
  if (!suffices(pilotShare)) return null;
  let [low, high] = [1e-4, pilotShare];
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
function crossing(before: Pilot, after: Pilot, level: number): number {
  const depth = ({ open }: Pilot): number => Math.log(Math.max(0.1, -open.log10PValue));
  const part = (Math.log(-level) - depth(before)) / (depth(after) - depth(before));
  return before.share * (after.share / before.share) ** part;
}

/** Of students that differ in their marked share alone. */
export function smallestShare(rows: readonly StudentRow[]): SmallestShare {
  const pilots = rows
    .filter(({ share }) => share > 0)
    .map((row): Pilot => ({ share: row.share, open: openOf(row) }))
    .sort((a, b) => a.share - b.share);
  const level = Math.log10(LEVEL);
  const isFound = ({ open }: Pilot): boolean => open.log10PValue <= level;
  const first = pilots.findIndex((_, i) => pilots.slice(i).every(isFound));
  const after = pilots[first];
  const before = pilots[first - 1];
  const measured = before === undefined || after === undefined ? null : crossing(before, after, level);
  const [smaller, larger] = pilots.slice(-2);
  const prediction =
    larger === undefined || smaller === undefined || (measured ?? 0) > smaller.share
      ? NOTHING
      : predict(anyKey(rows[0]!.scheme), [larger, smaller]);
  return { measured, found: after?.share ?? null, ...prediction };
}
