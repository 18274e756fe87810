import { type NullLaw, TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { lawVariance } from "@tokenmark/stats";

/** A null law with known tails. */
export type KnownLaw = Exclude<NullLaw, { family: "unknown" }>;

/**
 * The law of a scheme's evidence, if one is known.
 *
 * @throws TokenmarkError `bad-argument` for the law "unknown" or a malformed one.
 */
export function knownLaw(scheme: Pick<WatermarkScheme, "name" | "nullLaw">): KnownLaw {
  const law = scheme.nullLaw;
  if (law.family === "unknown") {
    throw new TokenmarkError(
      "bad-argument",
      `scheme: ${scheme.name} has no known law under text written without the key (${law.why}); only decoy keys can calibrate it`,
    );
  }
  try {
    lawVariance(law);
  } catch (cause) {
    throw new TokenmarkError("bad-argument", `scheme: ${scheme.name} declares a malformed null law`, { cause });
  }
  return law;
}
