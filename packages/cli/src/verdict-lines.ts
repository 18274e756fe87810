import { type Detection, explainDetection, formatPValue } from "@tokenmark/detector";

const CAVEAT =
  "A p-value speaks of the key, not of authorship: it says how often text written without this key scores so high, not who wrote\nthis text. Whoever holds the key can forge the mark, and editing removes it.";

function powerLine({ power }: Detection): string {
  return power === null
    ? "unknown: nobody measured what marked text scores (tokenmark profile calibrate)"
    : `${(Math.floor(power * 100) / 100).toFixed(2)}, the chance to find unedited marked text of this length, as measured`;
}

/** A detection for a person at a terminal. */
export function verdictLines(detection: Detection, keyId: string): readonly string[] {
  const { verdict, log10PValue, tail, alpha, tokensScored, tokensTotal, tokensRepeated, tokensUnscoreable } = detection;
  return [
    explainDetection(detection),
    "",
    `  verdict        ${verdict}`,
    `  p-value        ${formatPValue(log10PValue)} (log10 p = ${log10PValue.toFixed(2)}; tail: ${tail})`,
    `  tokens scored  ${tokensScored} of ${tokensTotal} (repeated: ${tokensRepeated}, without context: ${tokensUnscoreable})`,
    `  alpha          ${formatPValue(Math.log10(alpha))}`,
    `  power          ${powerLine(detection)}`,
    `  key id         ${keyId}`,
    "",
    CAVEAT,
  ];
}
