import type { AdversaryPoint, PresencePoint, StealingPoint, SurvivalResults } from "../survival/results.ts";
import { median } from "../timing.ts";
import { type Share, wilsonShare } from "./share.ts";

interface AdversaryPlace {
  readonly model: string;
  readonly scheme: string;
  readonly tokensSeen: number;
  readonly seeds: readonly string[];
}

/** What a thief can do after so many tokens, all seeds pooled; medians are medians over the seeds' medians. */
export interface StealingFigure extends AdversaryPlace {
  readonly spoofed: Share;
  readonly spoofedAnyQuality: Share;
  readonly medianSpoofLog10PValue: number;
  readonly perplexityRatio: number;
  readonly foundAfterScrub: Share;
  readonly foundBeforeScrub: Share;
  readonly scrubEditDistance: number;
}

/** What an outsider without the key can tell after so many tokens, all seeds pooled. */
export interface PresenceFigure extends AdversaryPlace {
  readonly suspected: Share;
  readonly medianLog10PValue: number;
}

/** Curves of the thief, by model, scheme and tokens seen, ascending in tokens. */
export function stealingFigures({ adversaries }: Pick<SurvivalResults, "adversaries">): readonly StealingFigure[] {
  const points = adversaries.filter(
    (point): point is StealingPoint => !isMissing(point) && point.adversary === "stealing",
  );
  return grouped(points).map((group) => {
    const share = (of: (point: StealingPoint) => number): Share =>
      wilsonShare(sum(group.map(of)), sum(group.map(({ texts }) => texts)));
    return Object.freeze({
      ...placeOf(group),
      spoofed: share((point) => point.spoofed),
      spoofedAnyQuality: share((point) => point.spoofedAnyQuality),
      medianSpoofLog10PValue: median(group.map((point) => point.medianSpoofLog10PValue)),
      perplexityRatio: median(group.map((point) => point.perplexityRatio)),
      foundAfterScrub: share((point) => point.foundAfterScrub),
      foundBeforeScrub: share((point) => point.foundBeforeScrub),
      scrubEditDistance: median(group.map((point) => point.scrubEditDistance)),
    });
  });
}

/** Curves of the outsider, by model, scheme and tokens seen, ascending in tokens. */
export function presenceFigures({ adversaries }: Pick<SurvivalResults, "adversaries">): readonly PresenceFigure[] {
  const points = adversaries.filter(
    (point): point is PresencePoint => !isMissing(point) && point.adversary === "presence",
  );
  return grouped(points).map((group) =>
    Object.freeze({
      ...placeOf(group),
      suspected: wilsonShare(sum(group.map(({ suspected }) => suspected)), sum(group.map(({ tries }) => tries))),
      medianLog10PValue: median(group.map((point) => point.medianLog10PValue)),
    }),
  );
}

/** The first point of a curve at which at least half of the tries succeed; null if none does. */
export function firstAtHalf<Point>(curve: readonly Point[], share: (point: Point) => Share): Point | null {
  return curve.find((point) => share(point).share >= 0.5) ?? null;
}

function isMissing(point: AdversaryPoint): point is Extract<AdversaryPoint, { status: string }> {
  return "status" in point;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function placeOf(group: readonly (StealingPoint | PresencePoint)[]): AdversaryPlace {
  const { model, scheme, tokensSeen } = group[0]!;
  return { model, scheme, tokensSeen, seeds: group.map(({ seed }) => seed) };
}

/** Points of one model, scheme and number of tokens; curves in the order of the results, each ascending. */
function grouped<Point extends StealingPoint | PresencePoint>(points: readonly Point[]): readonly (readonly Point[])[] {
  const curves = new Map<string, Map<number, Point[]>>();
  for (const point of points) {
    const key = JSON.stringify([point.model, point.scheme]);
    const curve = curves.get(key) ?? new Map<number, Point[]>();
    curve.set(point.tokensSeen, [...(curve.get(point.tokensSeen) ?? []), point]);
    curves.set(key, curve);
  }
  return [...curves.values()].flatMap((curve) => [...curve].sort(([a], [b]) => a - b).map(([, group]) => group));
}
