import type { HostIds } from "./host.ts";
import { type PaddingOptions, rowStarts } from "./row-starts.ts";

/** One sequence that the host is writing. */
export interface HostRow<State> {
  /** Everything so far, prompt first, padding left out. */
  readonly tokens: readonly number[];
  readonly promptLength: number;
  readonly state: State;
}

interface LiveRow<State> extends HostRow<State> {
  readonly tokens: number[];
  /** The host's array, and how much of it has been read. */
  ids: readonly bigint[];
  seen: number;
}

/**
 * Follows the host's rows from step to step. Each new id is converted once.
 *
 * transformers.js appends to the same array through one `generate` call, so a row is known by its array: a second call, even one that
 * runs at the same time on the same processor, has arrays of its own and starts over. A host that passes copies is followed by
 * index as long as each copy extends the last one by one id.
 */
export function createHostRows<State>(
  padding: PaddingOptions,
  create: (row: number, promptLength: number, tokens: readonly number[]) => State,
): (inputIds: HostIds) => readonly HostRow<State>[] {
  const known = new WeakMap<readonly bigint[], LiveRow<State>>();
  let latest: readonly LiveRow<State>[] = [];

  function catchUp(row: LiveRow<State>, ids: readonly bigint[]): LiveRow<State> {
    for (; row.seen < ids.length; row.seen++) row.tokens.push(Number(ids[row.seen]));
    row.ids = ids;
    return row;
  }

  function extendsCopy(row: LiveRow<State> | undefined, ids: readonly bigint[]): row is LiveRow<State> {
    // An array that grew since it was read is live: its owner will pass it again.
    if (row === undefined || ids.length !== row.seen + 1 || row.ids.length !== row.seen) return false;
    return row.ids.every((id, i) => id === ids[i]);
  }

  return (inputIds) => {
    let starts: readonly number[] | undefined;
    latest = inputIds.map((ids, index) => {
      const mine = known.get(ids);
      if (mine !== undefined && ids.length >= mine.seen) return catchUp(mine, ids);
      const before = latest[index];
      if (extendsCopy(before, ids)) {
        known.set(ids, before);
        return catchUp(before, ids);
      }
      starts ??= rowStarts(inputIds, padding);
      const tokens: number[] = [];
      const promptLength = ids.length - starts[index]!;
      const state = create(index, promptLength, tokens);
      const fresh: LiveRow<State> = { tokens, promptLength, state, ids, seen: starts[index]! };
      known.set(ids, fresh);
      return catchUp(fresh, ids);
    });
    return latest;
  };
}
