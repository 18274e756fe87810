import type { Progress } from "./train.ts";

/** One line on where a run stands: step, losses in nats per token, speed. */
export function progressLine(progress: Progress): string {
  const { step, steps, trainingLoss, heldOutLoss, tokensPerSecond, gradientNorm } = progress;
  const heldOut = heldOutLoss === undefined ? "" : `  held-out ${heldOutLoss.toFixed(4)}`;
  const speed = `${Math.round(tokensPerSecond)} tokens/s`;
  return `step ${step}/${steps}  loss ${trainingLoss.toFixed(4)}${heldOut}  gradient ${gradientNorm.toFixed(2)}  ${speed}`;
}
