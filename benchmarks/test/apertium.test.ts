import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import seedrandom from "seedrandom";
import { afterAll, describe, expect, it } from "vitest";
import { apertiumTranslate } from "../src/attacks/apertium.ts";
import { splitSentences } from "../src/attacks/sentences.ts";
import { withoutApertium } from "./apertium-cases.ts";
import { HUMAN } from "./attack-cases.ts";

const LONE_SURROGATE = /\p{Surrogate}/u;

describe("an apertium that misbehaves", () => {
  const folder = mkdtempSync(join(tmpdir(), "tokenmark-test-"));
  const before = process.env.PATH;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const withProgram = async (script: string, timeoutMs: number): Promise<{ code: string; message: string }> => {
    writeFileSync(join(folder, "apertium"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = `${folder}:${before}`;
    try {
      return await apertiumTranslate("eng-spa", ["One.", "Two."], { timeoutMs }).then(
        (lines) => ({ code: "none", message: lines.join("|") }),
        (error) => error,
      );
    } finally {
      process.env.PATH = before;
    }
  };

  it("is ended with its whole pipeline when it takes too long", async () => {
    const from = performance.now();
    expect(await withProgram("sleep 60 | cat", 300)).toMatchObject({ code: "timeout" });
    expect(performance.now() - from).toBeLessThan(10_000);
  });

  it("that fails, says nothing or breaks off in a line is told of", async () => {
    expect(await withProgram("echo 'out of memory' >&2; exit 3", 9000)).toMatchObject({
      code: "io",
      message: expect.stringMatching(/status 3: out of memory/),
    });
    expect(await withProgram("exit 0", 9000)).toMatchObject({ code: "io" });
    expect(await withProgram("printf 'Un'", 9000)).toMatchObject({ code: "io" });
  });

  it("that loses lines of a batch is asked for each alone", async () => {
    // Gives the first line of what it is given back and nothing else, as where a stage falls over.
    const message = "One.|Two.";
    expect(await withProgram('for file; do :; done; head -c 8 "$file"', 9000)).toEqual({ code: "none", message });
  });
});

describe.skipIf(withoutApertium)("apertium (skipped where it or a language pair is not installed)", () => {
  it("what is special to apertium's streams, control characters and nothing at all come out as lines, and most of them whole", async () => {
    const random = seedrandom("odd");
    const parts = [
      ..."[]{}^$/\\@<>~*#+=&.,!?\"'“—…\t\n\u00a0\u2028\u0085\u0000\u0001\ud800😀漢עé",
      "<sent>",
      "^a/b<n>$",
      ".[]",
      "[[t:b:x]]",
    ];
    const lines = Array.from({ length: 400 }, () =>
      Array.from({ length: Math.floor(8 * random()) }, () => parts[Math.floor(random() * parts.length)]!).join(""),
    );
    for (const mode of ["eng-spa", "spa-eng", "eng-cat", "en-eo"]) {
      const translated = await apertiumTranslate(mode, lines);
      expect(translated).toHaveLength(lines.length);
      const marks = (text: string): string => text.replaceAll(/[^[\]{}^$/\\@~😀漢]/gu, "");
      expect(translated.map(marks)).toEqual(lines.map(marks));
      for (const line of translated) expect(line).not.toMatch(LONE_SURROGATE);
    }
  });

  it("a line is translated alone as among others, but for a word that the tagger takes otherwise", async () => {
    const lines = splitSentences(HUMAN.slice(0, 60_000)).sentences;
    for (const mode of ["eng-spa", "en-eo"]) {
      const forward = await apertiumTranslate(mode, lines);
      expect(await apertiumTranslate(mode, lines)).toEqual(forward);
      const backward = (await apertiumTranslate(mode, lines.toReversed())).reverse();
      const differing = lines.filter((_, i) => forward[i] !== backward[i]).length;
      expect(differing / lines.length).toBeLessThan(0.1);
    }
  });

  it("says what apertium complained of", async () => {
    await expect(apertiumTranslate("no-such", ["a"])).rejects.toThrow(/apertium -u .*no-such .*ended with status/);
  });
});
