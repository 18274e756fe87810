import { plainCharacters } from "./plain-characters.ts";

/** A chapter of a Bible in OSIS markup. */
export interface OsisChapter {
  /** Such as `Gen.1`. */
  readonly id: string;
  readonly paragraphs: readonly string[];
}

/** Elements whose content is not running text: footnotes, headings and liturgical marks. */
const SET_APART = /<(note|title|speaker|rdg)\b[^>]*>[\s\S]*?<\/\1>/g;
const SELAH = /<l\b[^>]*type="selah"[^>]*\/>\s*Selah\.?/g;
const PARAGRAPH = /<div sID="[^"]*" type="x-p"\/>|<div type="x-p" sID="[^"]*"\/>|<lg sID="[^"]*"\/>|<lb\b[^>]*\/>/g;

/** Chapters of OSIS `text`, in paragraphs, without notes and headings; what stands outside chapters (front matter,
 * introductions, glossaries) is left out. Verse lines of a poem are joined to one paragraph. */
export function osisChapters(text: string): OsisChapter[] {
  const chapters: OsisChapter[] = [];
  const pattern = /<chapter\b[^>]*osisID="([^"]+)"[^>]*sID="[^"]*"[^>]*\/>([\s\S]*?)<chapter eID="\1"\/>/g;
  for (const [, id, body] of text.matchAll(pattern)) {
    const paragraphs = body!
      .replace(SET_APART, " ")
      .replace(SELAH, " ")
      .replace(PARAGRAPH, "\n")
      .replace(/<[^>]+>/g, "")
      .split("\n")
      .map(plainCharacters)
      .filter((paragraph) => paragraph.length > 0);
    if (paragraphs.length > 0) chapters.push({ id: id!, paragraphs });
  }
  return chapters;
}
