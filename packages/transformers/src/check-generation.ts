import { refuseGreedy, TokenmarkError, type WatermarkScheme } from "@tokenmark/core";

/** What of the host's generation settings decides whether a mark can work; any further fields are left alone. */
export interface GenerationSettings {
  readonly do_sample?: boolean | null;
  readonly temperature?: number | null;
  readonly num_beams?: number | null;
  readonly top_k?: number | null;
  readonly top_p?: number | null;
  readonly num_return_sequences?: number | null;
}

/**
 * Refuses generation settings under which the mark would fail without a word.
 *
 * @throws TokenmarkError `unsupported-host` (`num_beams` above 1), `needs-sampling` (`top_k: 1`; greedy decoding under a scheme
 * that lives in the draw: the host's default is `do_sample: false`, and it turns `temperature: 0` into that).
 */
export function checkGeneration(scheme: WatermarkScheme, generation: GenerationSettings): void {
  const { do_sample, temperature, num_beams, top_k, num_return_sequences } = generation;
  if (typeof num_return_sequences === "number" && num_return_sequences > 1) {
    throw new TokenmarkError(
      "unsupported-host",
      `num_return_sequences: wanted 1, got ${num_return_sequences}; transformers.js returns one a row: repeat the prompt instead`,
    );
  }
  if (typeof temperature === "number" && !(temperature >= 0)) {
    throw new TokenmarkError("bad-argument", `temperature: wanted a number of at least 0, got ${temperature}`);
  }
  if (typeof num_beams === "number" && num_beams > 1) {
    throw new TokenmarkError(
      "unsupported-host",
      `num_beams: wanted 1, got ${num_beams}; a beam search picks among whole texts and undoes the mark`,
    );
  }
  if (top_k === 1) {
    throw new TokenmarkError(
      "needs-sampling",
      "top_k: wanted 0 (or above 1), got 1, which takes the best token whatever the mark says",
    );
  }
  if (do_sample !== true || temperature === 0) refuseGreedy(scheme);
}
