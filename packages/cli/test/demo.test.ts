import { describe, expect, it } from "vitest";
import { deleteWords } from "../src/demo/delete-words.ts";
import { answer } from "./run-in-process.ts";
import { temporaryFolder, tokenmark } from "./run-tokenmark.ts";
import { hasThirdParty, thirdParty } from "./third-party-model.ts";

const cwd = temporaryFolder();

describe("demo", () => {
  it("finds the mark of every scheme, after editing of all but unigram at least, and nothing under a wrong key or in unmarked text", async () => {
    const { status, stdout, stderr } = await tokenmark(["demo", "--seed", "7"], { cwd });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const scheme of ["kgw", "unigram", "synthid", "gumbel", "dual-gumbel"]) {
      // unigram says least a word, and a tenth of them may take it below the limit.
      const edited = scheme === "unigram" ? "\\*?" : "\\*";
      const row = `^ +${scheme} +\\d+ +-[\\d.]+\\* +-[\\d.]+${edited} +-?[\\d.]+ +-?[\\d.]+ +marked$`;
      expect(stdout).toMatch(new RegExp(row, "m"));
    }
    expect(stdout).toMatch(/not of authorship/);
    expect(stdout).toMatch(/evidence, under each token/);
    expect(stdout).not.toContain("\x1b");
  });

  it("gives the same run from the same seed, keys included, and another without one", async () => {
    const short = ["demo", "--max-tokens", "20"];
    const [a, b] = [await answer([...short, "--seed", "1"], { cwd }), await answer([...short, "--seed", "1"], { cwd })];
    expect(a).toMatchObject({ status: 0 });
    expect(b).toEqual(a);
    const [c, d] = [await answer(short, { cwd }), await answer(short, { cwd })];
    expect(c.stdout).toMatch(/Keys: made at random just now/);
    expect(d.stdout).not.toBe(c.stdout);
  });

  it.runIf(hasThirdParty)("takes another model and another prompt", async () => {
    const args = [
      "demo",
      "--model",
      thirdParty,
      "--dtype",
      "q8",
      "--prompt",
      "Once upon a time",
      "--max-tokens",
      "120",
      // Its stories leave little to chance: under a key drawn anew one text in some dozens shows too little.
      "--seed",
      "1",
    ];
    const { status, stdout } = await answer(args, { cwd });
    expect(status).toBe(0);
    expect(stdout).toMatch(/tinystories-relu-1\.8m\) now continues "Once upon a time"/);
    expect(stdout).toMatch(/^ +gumbel .*\*.* marked$/m);
  });
});

describe("deleteWords", () => {
  const text = Array.from({ length: 50 }, (_, i) => `word${i}`).join(" ");

  it("deletes the share asked for, keeps the rest in order, and repeats from its seed", () => {
    const edited = deleteWords(text, 0.1, "a");
    const left = edited.trim().split(" ");
    expect(left).toHaveLength(45);
    expect(left).toEqual(text.split(" ").filter((word) => left.includes(word)));
    expect(deleteWords(text, 0.1, "a")).toBe(edited);
    expect(deleteWords(text, 0.1, "b")).not.toBe(edited);
  });

  it("deletes nothing at share 0, white space included", () => {
    const odd = "  two  words\n\nand more ";
    expect(deleteWords(odd, 0, "a")).toBe(odd);
    expect(deleteWords("", 0.5, "a")).toBe("");
  });
});
