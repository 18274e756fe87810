import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { bookParagraphs } from "../src/corpus/book-paragraphs.ts";
import { deduplicate } from "../src/corpus/deduplicate.ts";
import type { Document } from "../src/corpus/document.ts";
import { osisChapters } from "../src/corpus/osis-chapters.ts";
import { plainCharacters } from "../src/corpus/plain-characters.ts";
import { readAddresses, readBooks, readWorldEnglishBible } from "../src/corpus/read-sources.ts";
import { splitHeldOut } from "../src/corpus/split-held-out.ts";
import { readSwordTestament } from "../src/corpus/sword-module.ts";

const folder = mkdtempSync(join(tmpdir(), "corpus-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const document = (title: string, paragraphs: string[]): Document => ({ source: "test", title, paragraphs });

test("typographic characters become plain ones", () => {
  expect(plainCharacters("“It’s  _naïve_ — \n isn’t it …” אֱ ,")).toBe(`"It's naive--isn't it..." ,`.replace(" ,", ","));
});

describe("a book", () => {
  test("keeps prose and loses headings, bracketed notes and verse", () => {
    const text = [
      "[Emma by Jane Austen 1816]",
      "CHAPTER I. The First",
      "She was the youngest of the two\ndaughters of a most affectionate father.",
      "    A verse that goes\n    and rhymes and flows",
      "     An indented first line opens this one,\nand the rest is flush with the margin.",
    ].join("\r\n\r\n");
    expect(bookParagraphs(text)).toEqual([
      "She was the youngest of the two daughters of a most affectionate father.",
      "An indented first line opens this one, and the rest is flush with the margin.",
    ]);
  });
});

describe("OSIS markup", () => {
  const markup =
    '<title type="main">Genesis</title>front matter<chapter n="1" osisID="Gen.1" sID="Gen.1"/>In the beginning, God' +
    '<note placement="foot"><reference type="annotateRef">1:1 </reference>A note.</note>created.' +
    '<div sID="gen26" type="x-p"/>God <w lemma="strong:H1">said</w>, “Let there be light.”<chapter eID="Gen.1"/>';

  test("gives chapters in paragraphs, without notes that glue words and without what is outside", () => {
    expect(osisChapters(markup)).toEqual([
      { id: "Gen.1", paragraphs: ["In the beginning, God created.", 'God said, "Let there be light."'] },
    ]);
  });

  test("a psalm heading is not repeated text: it is left out", () => {
    const psalm =
      '<chapter osisID="Ps.3" sID="Ps.3"/><title canonical="true" type="psalm">A Psalm.</title>Yahweh, how<chapter eID="Ps.3"/>';
    expect(osisChapters(psalm)[0]!.paragraphs).toEqual(["Yahweh, how"]);
  });

  test("a SWORD module's blocks come back in order", () => {
    const blocks = ["first ", "second"].map((text) => deflateSync(text));
    const index = Buffer.alloc(24);
    index.writeUInt32LE(0, 0);
    index.writeUInt32LE(blocks[0]!.length, 4);
    index.writeUInt32LE(blocks[0]!.length, 12);
    index.writeUInt32LE(blocks[1]!.length, 16);
    writeFileSync(join(folder, "ot.bzs"), index);
    writeFileSync(join(folder, "ot.bzz"), Buffer.concat(blocks));
    expect(readSwordTestament(folder, "ot")).toBe("first second");
  });
});

test("a sentence of forty characters and more is kept once, wherever it stands; short ones may repeat", () => {
  const long = "This sentence is long enough to count as repeated text.";
  const { documents, dropped } = deduplicate([
    document("one", [`He went out. ${long}`, "He went out."]),
    document("two", [long, `${long.toUpperCase()} He went out.`]),
  ]);
  expect(dropped).toBe(2);
  expect(documents.map(({ paragraphs }) => paragraphs)).toEqual([
    [`He went out. ${long}`, "He went out."],
    ["He went out."],
  ]);
});

test("held-out blocks and training text share no sentence and lose none", () => {
  const text = Array.from({ length: 500 }, (_, i) => `Sentence number ${i} stands here.`);
  const documents = [
    document("a", [text.slice(0, 130).join(" "), text.slice(130, 300).join(" ")]),
    document("b", [text.slice(300).join(" ")]),
  ];
  const { training, heldOut } = splitHeldOut(documents, 5);
  const all = (part: Document[]): string[] =>
    part.flatMap(({ paragraphs }) => paragraphs.join(" ").match(/Sentence[^.]*\./g)!);
  expect([...all(training), ...all(heldOut)].sort()).toEqual([...text].sort());
  expect(all(heldOut).length).toBe(96);
});

describe("a corpus that is missing or empty is named", () => {
  test.each([
    ["a book", () => readBooks(folder, ["absent"]), "corpus-missing"],
    ["the addresses", () => readAddresses(join(folder, "absent"), 1900), "corpus-missing"],
    ["the Bible", () => readWorldEnglishBible(join(folder, "absent")), "corpus-missing"],
  ])("%s", (_, read, code) => {
    expect(read).toThrow(expect.objectContaining({ code }) as Error);
  });

  test("an empty book", () => {
    mkdirSync(join(folder, "books"));
    writeFileSync(join(folder, "books/empty.txt"), "\n \n");
    expect(() => readBooks(join(folder, "books"), ["empty"])).toThrow(/is empty/);
  });
});
