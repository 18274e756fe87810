import { describe, expect, it } from "vitest";
import { createScheme, DEFAULT_SCHEME, defaultSchemeConfig, Key } from "../src/index.ts";

describe("the default scheme", () => {
  it("is what a config without a name gets, and does not distort", () => {
    expect(defaultSchemeConfig()).toEqual(defaultSchemeConfig(DEFAULT_SCHEME));
    expect(createScheme(defaultSchemeConfig(), Key.random()).distortionFree).toBe(true);
  });
});
