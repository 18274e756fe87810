import { readFileSync } from "node:fs";
import * as stats from "@tokenmark/stats";
import { expect, it } from "vitest";

it("the README's example prints what its comments say", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const block = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const [imports = "", ...lines] = block.split("\n");
  const names = /\{ (.*) \}/.exec(imports)?.[1] ?? "";
  const printed: string[] = [];
  const log = (...values: unknown[]): number => printed.push(values.join(" "));
  new Function("stats", "console", `const { ${names} } = stats;\n${lines.join("\n")}`)(stats, { log });
  const promised = lines.filter((line) => line.startsWith("console.log")).map((line) => line.split(" // ")[1]);
  expect(promised.length).toBe(5);
  expect(printed).toEqual(promised);
});
