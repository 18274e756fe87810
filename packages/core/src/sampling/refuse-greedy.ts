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

/**
 * Refuses sampling settings that leave nothing to mark: greedy decoding as above, and top-k 1, which leaves one token before any mark sees
 * it and would write unmarked text that counts as marked.
 *
 * @throws TokenmarkError `needs-sampling`.
 */
export function refuseUnmarkable(
  scheme: WatermarkScheme,
  sampling: { readonly greedy?: boolean; readonly topK?: number },
): void {
  if (sampling.greedy === true) refuseGreedy(scheme);
  else if (sampling.topK === 1) {
    throw new TokenmarkError(
      "needs-sampling",
      `topK: wanted 0 (all tokens) or above 1 under ${scheme.name}, got 1, which leaves nothing to mark`,
    );
  }
}
