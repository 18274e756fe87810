import type { SurvivalResults } from "../survival/results.ts";
import { pooledQuality } from "./pooled-quality.ts";

/** The most varied of some schemes. */
export interface MostVaried {
  readonly label: string;
  readonly reason: string;
}

/**
 * Of schemes that are level otherwise, the one whose answers to one prompt under one key are most varied, if on every model its self-BLEU is
 * below the first one's with intervals that do not overlap: a mark that answers alike each time changes what users see, though no next token does.
 * The first one itself where it stands out from all others; null if none does.
 */
export function mostVaried(results: Pick<SurvivalResults, "quality">, labels: readonly string[]): MostVaried | null {
  const quality = pooledQuality(results);
  const models = [...new Set(quality.map(({ model }) => model))];
  const bleuOf = (label: string) =>
    models.flatMap((model) => quality.find((row) => row.model === model && row.scheme === label)?.selfBleu ?? []);
  const [first, ...others] = labels;
  if (first === undefined || models.length === 0) return null;
  const own = bleuOf(first);
  const mean = (label: string): number => bleuOf(label).reduce((sum, bleu) => sum + bleu.mean, 0) / models.length;
  const [best] = others
    .filter((label) => {
      const bleu = bleuOf(label);
      return (
        bleu.length === models.length &&
        own.length === models.length &&
        bleu.every(({ upper }, i) => upper < own[i]!.lower)
      );
    })
    .sort((a, b) => mean(a) - mean(b));
  if (best === undefined) {
    const least = others.every((label) =>
      bleuOf(label).every(({ lower }, i) => own[i] !== undefined && own[i].upper < lower),
    );
    if (others.length === 0 || !least || own.length !== models.length) return null;
    const bleus = others.map((label) => `${label} ${mean(label).toFixed(2)}`).join(", ");
    return {
      label: first,
      reason: `Of schemes that tie, ${first} answers one prompt in the most ways: self-BLEU ${mean(first).toFixed(2)}; ${bleus}.`,
    };
  }
  return {
    label: best,
    reason: `Of schemes that tie, ${best} answers one prompt in more ways than ${first}: self-BLEU ${mean(best).toFixed(2)} against ${mean(first).toFixed(2)}.`,
  };
}
