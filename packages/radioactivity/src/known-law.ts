import type { WatermarkScheme } from "@tokenmark/core";

/** Whether the law of a scheme's evidence is known; where it is not, the p-value is the rank among wrong keys. */
export const hasKnownLaw = ({ nullLaw }: Pick<WatermarkScheme, "nullLaw">): boolean => nullLaw.family !== "unknown";
