// Apertium's stream format (Forcada et al. 2011): text in which some characters are escaped by a backslash and what is not to be
// translated stands in brackets. Written here, and not by apertium's own deformatter, because that swallows the NUL which makes every
// stage of the pipeline forget what came before.

/** Ends a line: the end of a sentence, and empty brackets, which come out as they went in and so show that the whole line did. */
const END = ".[]";
const NUL = "\0";

/** Lines in stream format, a NUL behind each. White space becomes one blank. */
export function toApertiumStream(lines: readonly string[]): string {
  return lines
    .map((line) => {
      const flat = line.replaceAll(/[\s\p{Cc}]+/gu, " ");
      // A tilde is a command to the last stage.
      return `${flat.replaceAll(/[\\[\]{}^$/@<>]/g, "\\$&").replaceAll("~", "[~]")}${END}${NUL}`;
    })
    .join("");
}

/** The lines of a stream, without white space around them; null if it does not have exactly so many, each whole. */
export function fromApertiumStream(stream: string, count: number): string[] | null {
  const parts = stream.split(NUL);
  // Stages add a NUL of their own at the end.
  if (parts.length <= count || parts.slice(count).some((part) => part.trim() !== "")) return null;
  const lines: string[] = [];
  for (const part of parts.slice(0, count)) {
    if (!part.endsWith("[]")) return null;
    // An abbreviation may have taken the full stop for its own.
    lines.push(plainText(part.endsWith(END) ? part.slice(0, -END.length) : part.slice(0, -2)).trim());
  }
  return lines;
}

const plainText = (part: string): string =>
  part.replaceAll(/\\([\s\S])|[[\]]/g, (_, escaped: string | undefined) => escaped ?? "");
