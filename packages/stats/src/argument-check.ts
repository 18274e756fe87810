function refuse(argument: string, wanted: string, got: number): never {
  throw new RangeError(`${argument}: wanted ${wanted}, got ${got}`);
}

/** Throws a RangeError unless `value` is a finite number. */
export function requireFinite(argument: string, value: number): void {
  if (!Number.isFinite(value)) refuse(argument, "a finite number", value);
}

/** Throws a RangeError unless 0 < `value` < ∞. */
export function requirePositive(argument: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) refuse(argument, "a positive finite number", value);
}

/** Throws a RangeError unless 0 ≤ `value` ≤ 1. */
export function requireProbability(argument: string, value: number): void {
  if (!(value >= 0 && value <= 1)) refuse(argument, "a probability in [0, 1]", value);
}

/** Throws a RangeError unless 0 < `value` < 1. */
export function requireOpenProbability(argument: string, value: number): void {
  if (!(value > 0 && value < 1)) refuse(argument, "a probability strictly between 0 and 1", value);
}

/** Throws a RangeError unless `value` is an integer of at least `minimum` that a double holds exactly. */
export function requireCount(argument: string, value: number, minimum: number): void {
  if (!(Number.isSafeInteger(value) && value >= minimum)) refuse(argument, `an integer of at least ${minimum}`, value);
}
