import { readFileSync } from "node:fs";

/** The package's own version; the file lies one folder up both in src and in dist. */
export const version: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;
