import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Key, TokenmarkError } from "../src/index.ts";
import { schemeSubkey } from "../src/key.ts";

const HEX = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

describe("Key", () => {
  it("never shows its secret, however it is printed", () => {
    const key = Key.fromHex(HEX);
    const shown = [
      String(key),
      `${key}`,
      JSON.stringify({ key }),
      inspect(key, { showHidden: true, depth: 9 }),
      Object.keys(key).join(),
    ];
    for (const text of shown) {
      expect(text.toLowerCase()).not.toContain("0a0b0c0d");
      expect(text).not.toContain("10, 11, 12, 13");
    }
    expect(String(key)).toBe(`Key(${key.id})`);
  });

  it("comes back from its hex with the same id, and two random keys differ", () => {
    const key = Key.random();
    expect(Key.fromHex(`  ${key.exportHex().toUpperCase()}\n`).id).toBe(key.id);
    expect(Key.random().id).not.toBe(key.id);
    expect(key.id).toMatch(/^[0-9a-f]{16}$/);
  });

  it("derives the same key for the same label, other keys for other labels, and never itself", () => {
    const key = Key.fromHex(HEX);
    const ids = ["a", "b", "derive/a", "key-id"].map((label) => key.derive(label).id);
    expect(new Set([...ids, key.id]).size).toBe(5);
    expect(key.derive("a").exportHex()).toBe(Key.fromHex(HEX).derive("a").exportHex());
    expect(key.derive("a").derive("b").id).not.toBe(key.derive("b").derive("a").id);
  });

  it.each([
    ["", "0 characters"],
    ["abcd", "4 characters"],
    ["g".repeat(64), "no hex digits"],
    [`${HEX}00`, "66 characters"],
  ])("refuses %j without repeating it", (hex, why) => {
    const error = (() => {
      try {
        return Key.fromHex(hex);
      } catch (e) {
        return e as TokenmarkError;
      }
    })() as TokenmarkError;
    expect(error).toBeInstanceOf(TokenmarkError);
    expect(error.code).toBe("bad-key");
    expect(error.message).toContain(why);
    if (hex.length > 8) expect(error.message).not.toContain(hex.slice(0, 8));
  });

  it("gives labels of one purpose nothing of another: bytes meet no id, no derived key, no built-in scheme", () => {
    const key = Key.fromHex(HEX);
    const hex = (label: string): string => Buffer.from(key.bytes(label, 32)).toString("hex");
    expect(hex("id").slice(0, 16)).not.toBe(key.id);
    expect(hex("id/").slice(0, 16)).not.toBe(key.id);
    expect([hex("derive/a"), hex("a")]).not.toContain(key.derive("a").exportHex());
    const subkey = Buffer.from(schemeSubkey(key, "gumbel/1/4")).toString("hex");
    expect([hex("gumbel/1/4"), hex("scheme/gumbel/1/4")].map((text) => text.slice(0, 32))).not.toContain(subkey);
  });

  it("refuses an empty or broken label", () => {
    const key = Key.fromHex(HEX);
    for (const label of ["", undefined as unknown as string, "\ud800"]) {
      expect(() => key.derive(label)).toThrow(TokenmarkError);
      expect(() => key.bytes(label, 4)).toThrow(TokenmarkError);
    }
    expect(key.derive("\u{1f511}").id).not.toBe(key.derive("\u{1f512}").id);
  });
});
