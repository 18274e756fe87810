/** Of one row of logits, in nats at temperature 1: the negative log-probability of `target` and the entropy (0 where one token
 * has all the probability). */
export function rowFigures(logits: Float32Array, target: number): { nats: number; entropy: number } {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  let sum = 0;
  let weighted = 0;
  for (const logit of logits) {
    const share = Math.exp(logit - highest);
    sum += share;
    weighted += share * (logit - highest);
  }
  const logSum = Math.log(sum);
  return { nats: logSum + highest - logits[target]!, entropy: logSum - weighted / sum };
}
