/** A 32-bit word holds the g-values of so many layers; the rest of a mask is beyond the reach of shifts. */
const WORD = 32;

/** g-value of layer `l` in a mask of up to 53 layers. Of a signed 32-bit word only the layers 0 to 31 may be asked. */
export function layerBit(mask: number, l: number): number {
  return l < WORD ? (mask >>> l) & 1 : Math.floor(mask / 2 ** l) & 1;
}

/** How many of the first `depth` layers of a mask are ones. */
export function layerOnes(mask: number, depth: number): number {
  let ones = 0;
  for (let l = 0; l < depth; l++) ones += layerBit(mask, l);
  return ones;
}
