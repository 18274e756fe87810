/** What breaks a line, or writes over it on a terminal. */
const BREAK = /[\p{Cc}\u2028\u2029]/gu;

/** A name as a report can print it: files and servers are named as others like. */
export const oneLine = (name: string): string => name.replaceAll(BREAK, "?");
