import type { AnySchemeConfig, Profile, TokenizerIdentity } from "@tokenmark/core";

/** A scheme and its parameters in one line. */
export function describeScheme({ scheme, ...parameters }: AnySchemeConfig): string {
  const fields = Object.entries(parameters).map(([name, value]) => `${name} ${value}`);
  return fields.length === 0 ? scheme : `${scheme} (${fields.join(", ")})`;
}

/** A tokenizer in one line. */
export function describeTokenizer({ name, vocabularySize, sha256 }: TokenizerIdentity): string {
  return `${name}, ${vocabularySize} tokens, sha256 ${sha256.slice(0, 12)}…`;
}

/** A profile in a few lines. */
export function describeProfile({ scheme, tokenizer, keyId, expected }: Profile): readonly string[] {
  const lines = [
    "Tokenmark profile",
    `  scheme     ${describeScheme(scheme)}`,
    `  tokenizer  ${describeTokenizer(tokenizer)}`,
    `  key id     ${keyId}`,
  ];
  if (expected === undefined) {
    return [...lines, "  expected   not measured, so power is unknown; measure with: tokenmark profile calibrate"];
  }
  const { model, temperature, topP, topK, meanScore, variance, n, texts } = expected;
  return [
    ...lines,
    `  expected   mean score ${meanScore.toPrecision(4)} a token, variance ${variance.toPrecision(4)}`,
    `             from ${n} tokens of ${texts} texts of ${model}, temperature ${temperature}, top-p ${topP}, top-k ${topK}`,
  ];
}
