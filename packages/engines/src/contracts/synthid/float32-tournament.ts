import { rowSum32 } from "../../generators/torch/row-sum.ts";
import { layerBit } from "./layer-bit.ts";

const { fround } = Math;
/**
 * The tournament layer by layer in float32, rounding where the engines round: the plain path that the fast one is held to, and which entries
 * die is told by it alone, since a mass that rounds to 1 ends all losers.
 *
 * @param p - probabilities, rewritten.
 * @param words - bit l is the g-value in layer l, up to 53 layers.
 * @param distortionary - the formula of synthid-text for more than two leaves, which float32 makes differ from the short one.
 */
export function playTournament32(
  p: Float32Array,
  words: ArrayLike<number>,
  depth: number,
  leaves: number,
  distortionary: boolean,
): void {
  const masses = new Float32Array(p.length);
  for (let l = 0; l < depth; l++) {
    for (let i = 0; i < p.length; i++) masses[i] = layerBit(words[i]!, l) ? p[i]! : 0;
    const m = rowSum32(masses);
    if (!distortionary) {
      const [lose, win] = [fround(1 - m), fround(2 - m)];
      for (let i = 0; i < p.length; i++) p[i] = p[i]! * (layerBit(words[i]!, l) ? win : lose);
      continue;
    }
    const rest = fround(1 - m);
    const lose = fround(rest ** (leaves - 1));
    const win = m > 0 ? fround(fround(1 - fround(rest ** leaves)) / m) : leaves;
    for (let i = 0; i < p.length; i++) p[i] = p[i]! * (layerBit(words[i]!, l) ? win : lose);
  }
}

/** Logarithms, everything that is not finite replaced by the engine's floor. */
export function flooredLogs(p: Float32Array, floor: number): Float32Array {
  return p.map((value) => {
    const log = Math.log(value);
    return Number.isFinite(log) ? log : floor;
  });
}
