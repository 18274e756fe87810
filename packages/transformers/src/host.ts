/**
 * What transformers.js hands to a logits processor, as structural types: the processors of this package run without importing the
 * host, in Node, a browser or a worker.
 */

/** The next-token scores of a batch: the host's `Tensor`, float32, dims [rows, vocabulary]. Written in place. */
export interface HostLogits {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** Ids of every row, prompt and left padding included. The host passes its live arrays, which must not be written. */
export type HostIds = readonly (readonly bigint[])[];

/** One step of the host's loop. */
export type HostCall = <L extends HostLogits>(inputIds: HostIds, logits: L) => L;

/**
 * A logits processor in every shape that the host takes one: callable, and a list of one. `logits_processor: p`, `logits_processor:
 * [p]` and `new LogitsProcessorList()` with `push(p)` all work. `push` and `extend` put further processors after it.
 */
export interface HostProcessor {
  <L extends HostLogits>(inputIds: HostIds, logits: L): L;
  _call<L extends HostLogits>(inputIds: HostIds, logits: L): L;
  readonly processors: HostCall[];
  push(item: HostCall): void;
  extend(items: readonly HostCall[]): void;
  [Symbol.iterator](): ArrayIterator<HostCall>;
}

/** Gives a step function the shape of {@link HostProcessor}. */
export function toHostProcessor(step: HostCall): HostProcessor {
  const processors: HostCall[] = [step];
  const call: HostCall = (inputIds, logits) => processors.reduce((scores, next) => next(inputIds, scores), logits);
  return Object.assign(call, {
    _call: call,
    processors,
    push: (item: HostCall): void => void processors.push(item),
    extend: (items: readonly HostCall[]): void => void processors.push(...items),
    [Symbol.iterator]: () => processors[Symbol.iterator](),
  }) as HostProcessor;
}
