import type { Attack } from "./attack.ts";
import { paraphrase } from "./paraphrase.ts";
import { resample } from "./resample.ts";
import { roundTrip } from "./round-trip.ts";

/** Attacks that run another program or a model. */
export const modelAttacks: readonly Attack[] = Object.freeze([
  roundTrip({
    name: "round-trip-es",
    through: "Spanish",
    modes: ["eng-spa", "spa-eng"],
    packages: ["apertium-eng-spa"],
  }),
  roundTrip({
    name: "round-trip-ca",
    through: "Catalan",
    modes: ["eng-cat", "cat-eng"],
    packages: ["apertium-eng-cat"],
  }),
  roundTrip({ name: "round-trip-eo", through: "Esperanto", modes: ["en-eo", "eo-en"], packages: ["apertium-eo-en"] }),
  roundTrip({
    name: "round-trip-ca-es",
    through: "Catalan and back, then Spanish",
    modes: ["eng-cat", "cat-eng", "eng-spa", "spa-eng"],
    packages: ["apertium-eng-cat", "apertium-eng-spa"],
  }),
  resample,
  paraphrase,
]);
