/** The law of the next token by scores at a temperature. */
export function lawOf(logits: Float32Array, temperature: number): Float64Array {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > max) max = logits[i]!;
  const law = Float64Array.from(logits, (value) => Math.exp((value - max) / temperature));
  let total = 0;
  for (let i = 0; i < law.length; i++) total += law[i]!;
  for (let i = 0; i < law.length; i++) law[i]! /= total;
  return law;
}
