import fc from "fast-check";
import { expect, test } from "vitest";
import { createUnitSet, FIRST, SEEN } from "../src/unit-set.ts";

const word = fc.oneof(fc.nat({ max: 3 }), fc.integer({ min: 0, max: 0xffffffff }));

test("it tells first from repeated identities as a set of strings does, (0, 0) included, in any chunks", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.tuple(word, word), { maxLength: 300 }), { maxLength: 4 }), (chunks) => {
      const set = createUnitSet();
      const known = new Set<string>();
      for (const chunk of chunks) {
        const marks = new Uint8Array(chunk.length);
        set.addAll(Uint32Array.from(chunk.flat()), chunk.length, marks);
        chunk.forEach(([low, high], i) => {
          expect(marks[i]).toBe(known.has(`${low}:${high}`) ? SEEN : FIRST);
          known.add(`${low}:${high}`);
        });
        expect(set.size).toBe(known.size);
      }
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("it keeps 100,000 identities apart that are raw ids, through growth or with room made for them", () => {
  const units = new Uint32Array(200_000);
  for (let i = 0; i < 100_000; i++) {
    units[2 * i] = i % 1000;
    units[2 * i + 1] = Math.floor(i / 1000);
  }
  for (const room of [0, 100_000]) {
    const set = createUnitSet();
    set.reserve(room);
    for (let from = 0; from < 100_000; from += 5000) set.addAll(units.subarray(2 * from), 5000, new Uint8Array(5000));
    expect(set.size).toBe(100_000);
    const marks = new Uint8Array(100_000);
    set.addAll(units, 100_000, marks);
    expect(marks.every((mark) => mark === SEEN)).toBe(true);
    expect(set.size).toBe(100_000);
  }
});

test("a position with another mark stays out", () => {
  const set = createUnitSet();
  const marks = Uint8Array.of(FIRST, 2, FIRST);
  set.addAll(Uint32Array.of(1, 1, 2, 2, 2, 2), 3, marks);
  expect(Array.from(marks)).toEqual([FIRST, 2, FIRST]);
  expect(set.size).toBe(2);
});
