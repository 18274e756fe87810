import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chaskey12, chaskeySchedule } from "../src/prf/chaskey.ts";

const vectors = JSON.parse(readFileSync(new URL("./vectors/chaskey12.json", import.meta.url), "utf8"));

describe("Chaskey-12", () => {
  const key = new Uint8Array(16);
  const keyWords = new DataView(key.buffer);
  for (const [i, word] of vectors.key.entries()) keyWords.setUint32(4 * i, Number.parseInt(word, 16), true);
  const schedule = chaskeySchedule(key);
  const message = new DataView(Uint8Array.from({ length: 64 }, (_, i) => i).buffer);
  const words = Int32Array.from({ length: 16 }, (_, i) => message.getInt32(4 * i, true));

  it.each(Object.entries<string[]>(vectors.tags))("gives the reference tag of a message of %s bytes", (length, tag) => {
    const out = new Int32Array(4);
    chaskey12(schedule, words, 0, Number(length) / 4, out);
    expect([...out].map((word) => (word >>> 0).toString(16).padStart(8, "0").toUpperCase())).toEqual(tag);
  });

  it("reads the words from an offset", () => {
    const shifted = Int32Array.of(99, 98, ...words.subarray(0, 5));
    const a = new Int32Array(4);
    const b = new Int32Array(4);
    chaskey12(schedule, shifted, 2, 5, a);
    chaskey12(schedule, words, 0, 5, b);
    expect(a).toEqual(b);
  });
});
