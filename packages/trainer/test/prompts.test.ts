import { expect, test } from "vitest";
import { promptsFrom, promptsModule } from "../src/recipes/prompts.ts";

const text = Array.from({ length: 40 }, (_, i) => {
  const name = String.fromCharCode(65 + (i % 26));
  return `${name}nna went ${"far ".repeat((i % 4) + 2)}away from the old house. "She said so," he told ${i} people in the yard.`;
}).join("\n");

test("prompts are different openings of four to eight words, without quotations or digits", () => {
  const prompts = promptsFrom(text, 30);
  expect(new Set(prompts).size).toBe(30);
  for (const prompt of prompts) {
    expect(prompt).toMatch(/^[A-Z][a-z ]+[a-z]$/);
    expect(prompt.split(" ").length).toBeGreaterThanOrEqual(4);
    expect(prompt.split(" ").length).toBeLessThanOrEqual(8);
  }
  expect(promptsFrom(text, 30)).toEqual(prompts);
});

test("a text with too few openings is named", () => {
  expect(() => promptsFrom("One. Two.", 3)).toThrow(/3 usable openings of sentences, got 0/);
});

test("the bundled module quotes each prompt", () => {
  expect(promptsModule(["Isn't it"])).toContain('  "Isn\'t it",\n];');
});
