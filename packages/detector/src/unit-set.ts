/** A growing set of 64-bit identities. */
export interface UnitSet {
  /** Identities in the set. */
  readonly size: number;
  /** Puts an identity in; true if it was new. */
  add(low: number, high: number): boolean;
  /** Makes room for `count` identities in all, so that adding them never rehashes. */
  reserve(count: number): void;
}

const LEAST_SLOTS = 256;

/**
 * Makes an empty set of 64-bit identities, given as two unsigned 32-bit words.
 *
 * Open addressing with linear probing on interleaved pairs (one cache line a probe), at most half full. Exact for every
 * identity, (0, 0) included, and for identities that are raw token ids rather than hashes: both words are mixed before they
 * choose a slot. No allocation an identity; growth doubles.
 */
export function createUnitSet(): UnitSet {
  let pairs = new Uint32Array(2 * LEAST_SLOTS);
  let mask = LEAST_SLOTS - 1;
  let stored = 0;
  // (0, 0) marks an empty slot, so the identity (0, 0) is remembered apart.
  let holdsZero = false;

  function grow(slots: number): void {
    const old = pairs;
    pairs = new Uint32Array(2 * slots);
    mask = slots - 1;
    for (let at = 0; at < old.length; at += 2) {
      const low = old[at]!;
      const high = old[at + 1]!;
      if ((low | high) === 0) continue;
      let slot = slotOf(low, high) & mask;
      while ((pairs[2 * slot]! | pairs[2 * slot + 1]!) !== 0) slot = (slot + 1) & mask;
      pairs[2 * slot] = low;
      pairs[2 * slot + 1] = high;
    }
  }

  return {
    get size() {
      return stored + +holdsZero;
    },
    add(low, high) {
      if ((low | high) === 0) {
        const added = !holdsZero;
        holdsZero = true;
        return added;
      }
      if (2 * (stored + 1) > mask + 1) grow(2 * (mask + 1));
      low >>>= 0;
      high >>>= 0;
      for (let slot = slotOf(low, high) & mask; ; slot = (slot + 1) & mask) {
        const storedLow = pairs[2 * slot]!;
        const storedHigh = pairs[2 * slot + 1]!;
        if (storedLow === low && storedHigh === high) return false;
        if ((storedLow | storedHigh) === 0) {
          pairs[2 * slot] = low;
          pairs[2 * slot + 1] = high;
          stored++;
          return true;
        }
      }
    },
    reserve(count) {
      let slots = mask + 1;
      while (2 * count > slots) slots *= 2;
      if (slots > mask + 1) grow(slots);
    },
  };
}

/** Both words through two multiply-xorshift rounds (constants of Wellons' `lowbias32`, 2018, public domain). */
function slotOf(low: number, high: number): number {
  let x = low ^ Math.imul(high, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
