import { TokenmarkError } from "../errors.ts";
import type { WatermarkScheme } from "../types.ts";

/**
 * Greedy decoding always takes the best token, so a mark that lives in the draw has nowhere to go: a keyed draw would silently become
 * random sampling, a tournament would bend the best token's choice and call it distortion-free. Biasing schemes work.
 *
 * @throws TokenmarkError `needs-sampling`.
 */
export function refuseGreedy(scheme: WatermarkScheme): void {
  if (scheme.needsSampling) {
    throw new TokenmarkError(
      "needs-sampling",
      `${scheme.name}: wanted sampling (temperature above 0), got greedy decoding; its mark lives in the random draw. kgw and unigram can mark greedy text`,
    );
  }
}
