/** What {@link UnitSet.addAll} makes of a position: first of its identity, seen before, or (left alone) without one. */
export const FIRST = 0;
export const SEEN = 1;

/** A growing set of 64-bit identities, each two 32-bit words. */
export interface UnitSet {
  /** Identities in the set. */
  readonly size: number;
  /**
   * Puts the first `count` identities of `units` (two words each) in, in order. Where `marks[i]` is {@link FIRST} identity i
   * enters, and if it is in the set already the mark becomes {@link SEEN}; any other mark keeps identity i out.
   */
  addAll(units: Uint32Array, count: number, marks: Uint8Array): void;
  /** Puts one identity in; false if it was there. */
  add(low: number, high: number): boolean;
  has(low: number, high: number): boolean;
  /** Makes room for `count` identities in all, so that adding them never rehashes. */
  reserve(count: number): void;
}

const LEAST_SLOTS = 256;

/**
 * Makes an empty set of 64-bit identities.
 *
 * Open addressing with linear probing on interleaved pairs (one cache line a probe), at most half full. Exact for every
 * identity, (0, 0) included, and for identities that are raw token ids rather than hashes: both words are mixed before they
 * choose a slot. No allocation an identity; growth doubles.
 */
export function createUnitSet(): UnitSet {
  let pairs = new Int32Array(2 * LEAST_SLOTS);
  let stored = 0;
  // (0, 0) marks an empty slot, so the identity (0, 0) is remembered apart.
  let holdsZero = false;

  function reserve(count: number): void {
    let words = pairs.length;
    while (4 * count > words) words *= 2;
    if (words === pairs.length) return;
    const old = pairs;
    pairs = new Int32Array(words);
    for (let at = 0; at < old.length; at += 2) {
      if ((old[at]! | old[at + 1]!) !== 0) insert(pairs, old[at]!, old[at + 1]!);
    }
  }

  return {
    get size() {
      return stored + +holdsZero;
    },
    reserve,
    add(low, high) {
      if ((low | high) === 0) {
        const isNew = !holdsZero;
        holdsZero = true;
        return isNew;
      }
      reserve(stored + 1);
      const isNew = insert(pairs, low | 0, high | 0);
      if (isNew) stored++;
      return isNew;
    },
    has: (low, high) => ((low | high) === 0 ? holdsZero : find(pairs, low | 0, high | 0)),
    addAll(units, count, marks) {
      reserve(stored + count);
      const table = pairs;
      let added = 0;
      for (let i = 0; i < count; i++) {
        if (marks[i] !== FIRST) continue;
        const low = units[2 * i]! | 0;
        const high = units[2 * i + 1]! | 0;
        if ((low | high) === 0) {
          if (holdsZero) marks[i] = SEEN;
          holdsZero = true;
        } else if (insert(table, low, high)) added++;
        else marks[i] = SEEN;
      }
      stored += added;
    },
  };
}

/** Puts an identity other than (0, 0) into a table with an empty slot; false if it was there. */
function insert(table: Int32Array, low: number, high: number): boolean {
  const last = table.length - 1;
  for (let at = (2 * mixed(low, high)) & last; ; at = (at + 2) & last) {
    const storedLow = table[at]!;
    const storedHigh = table[at + 1]!;
    if ((storedLow | storedHigh) === 0) {
      table[at] = low;
      table[at + 1] = high;
      return true;
    }
    if (storedLow === low && storedHigh === high) return false;
  }
}

function find(table: Int32Array, low: number, high: number): boolean {
  const last = table.length - 1;
  for (let at = (2 * mixed(low, high)) & last; ; at = (at + 2) & last) {
    const storedLow = table[at]!;
    const storedHigh = table[at + 1]!;
    if ((storedLow | storedHigh) === 0) return false;
    if (storedLow === low && storedHigh === high) return true;
  }
}

/** Both words through two multiply-xorshift rounds (constants of Wellons' `lowbias32`, 2018, public domain). */
function mixed(low: number, high: number): number {
  let x = low ^ Math.imul(high, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
