import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { pinnedOutputs } from "./vectors/pinned-outputs.ts";

it("the released key-to-mark mappings stay as they were released", () => {
  const pins = JSON.parse(readFileSync(new URL("./vectors/pins.json", import.meta.url), "utf8"));
  expect(JSON.parse(JSON.stringify(pinnedOutputs()))).toEqual(pins);
});
