const { fround } = Math;
/** Floats in a register of the kernels that servers run (AVX2). */
const LANES = 8;
const ROWS = 4;
const LEVELS = 4;

/**
 * `torch.sum` of a contiguous float32 row on the CPU, in the engine's order of additions (pytorch v1.13.1, SumKernel.cpp, eight lanes): four
 * running sums of eight lanes with a cascade against rounding, the rest singly.
 */
export function rowSum32(values: ArrayLike<number>): number {
  const vectors = Math.floor(values.length / LANES);
  const lanes = vectorSum(values, vectors);
  let total = 0;
  for (let i = vectors * LANES; i < values.length; i++) total = fround(total + values[i]!);
  for (let lane = 0; lane < LANES; lane++) total = fround(total + lanes[lane]!);
  return total;
}

function vectorSum(values: ArrayLike<number>, vectors: number): Float32Array {
  const groups = Math.floor(vectors / ROWS);
  const sums = cascade(values, groups);
  const total = sums.slice(0, LANES);
  for (let v = groups * ROWS; v < vectors; v++) {
    for (let lane = 0; lane < LANES; lane++) total[lane] = total[lane]! + values[v * LANES + lane]!;
  }
  for (let row = 1; row < ROWS; row++) {
    for (let lane = 0; lane < LANES; lane++) total[lane] = total[lane]! + sums[row * LANES + lane]!;
  }
  return total;
}

/** Four interleaved rows of vectors, summed in levels whose lower ones are emptied into the higher at powers of a step. */
function cascade(values: ArrayLike<number>, groups: number): Float32Array {
  const width = ROWS * LANES;
  const power = Math.max(4, Math.floor(Math.ceil(Math.log2(Math.max(1, groups))) / LEVELS));
  const step = 1 << power;
  const levels = Array.from({ length: LEVELS }, () => new Float32Array(width));
  const addGroup = (group: number): void => {
    const lowest = levels[0]!;
    for (let k = 0; k < width; k++) lowest[k] = lowest[k]! + values[group * width + k]!;
  };
  let group = 0;
  while (group + step <= groups) {
    for (let j = 0; j < step; j++) addGroup(group++);
    for (let level = 1; level < LEVELS; level++) {
      const [into, from] = [levels[level]!, levels[level - 1]!];
      for (let k = 0; k < width; k++) into[k] = into[k]! + from[k]!;
      from.fill(0);
      if ((group & ((step - 1) << (level * power))) !== 0) break;
    }
  }
  while (group < groups) addGroup(group++);
  const total = levels[0]!;
  for (let level = 1; level < LEVELS; level++) {
    for (let k = 0; k < width; k++) total[k] = total[k]! + levels[level]![k]!;
  }
  return total;
}
