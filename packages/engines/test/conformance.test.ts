import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { GoldenCase, Json } from "../src/conformance/golden.ts";
import { listedQuestion } from "../src/conformance/listed-question.ts";
import { goldenOperations } from "../src/conformance/operations.ts";
import { readGolden, runCase } from "../src/conformance/run-golden.ts";
import { failuresOf } from "./golden-files.ts";

type Path = readonly (string | number)[];

const vectors = new URL("vectors/", import.meta.url);
/** Diagnoses are the command line's; its tests change theirs. */
const files = readdirSync(vectors).filter((name) => name.endsWith(".json") && name !== "engines-traps.json");

function leavesOf(value: Json, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, part]) =>
    leavesOf(part as Json, [...path, Array.isArray(value) ? Number(name) : name]),
  );
}

function at(value: Json, path: Path): Json {
  return path.reduce<Json>((part, step) => (part as Record<string | number, Json>)[step]!, value);
}

/** Another first significant digit, another bit or hexadecimal digit, the other boolean. */
function changed(leaf: Json): Json {
  if (typeof leaf === "boolean") return !leaf;
  if (typeof leaf === "number") return leaf === 0 ? 1 : Number(String(leaf).replace(/[1-9]/, (d) => `${(+d % 9) + 1}`));
  return String(leaf).replace(/[0-9a-f]/, (digit) => (digit === "1" ? "0" : "1"));
}

/** Whether a change is more than a tolerance lets pass: of probabilities, or of the logarithm of a p near 1. */
function isSeen({ tolerance }: GoldenCase, before: Json, after: Json): boolean {
  if (before === after || (typeof before === "number" && before !== 0 && Math.abs(before) < 1e-8)) return false;
  if (tolerance?.space !== "probability" || typeof before !== "number") return true;
  return Number.isInteger(before) || Math.abs(Math.exp(before) - Math.exp(after as number)) > 1e-3;
}

function withLeaf(golden: GoldenCase, path: Path, leaf: Json): GoldenCase {
  const copy = structuredClone(golden);
  (at(copy.output, path.slice(0, -1)) as Record<string | number, Json>)[path.at(-1)!] = leaf;
  return copy;
}

const nameOf = (path: Path): string =>
  path.reduce<string>((text, step) => text + (typeof step === "number" ? `[${step}]` : `.${step}`), "output");

/** Leaves that ask: with another one the answers differ. */
const QUESTION = /\.calls\[\d+\]\.(n|call)$|\.generated_with\.(vocab|logits|max_probability|temperature)/;

/** The smallest case of every op of a file: it says as much as the others, sooner. */
function smallestOfEachOp(file: string): readonly GoldenCase[] {
  const smallest = new Map<string, GoldenCase>();
  const size = (golden: GoldenCase): number => JSON.stringify(golden).length;
  for (const golden of readGolden(readFileSync(new URL(file, vectors), "utf8"))) {
    const known = smallest.get(golden.op);
    const isLarge = leavesOf(golden.output).length < 2;
    if (!isLarge && (known === undefined || size(golden) < size(known))) smallest.set(golden.op, golden);
  }
  return [...smallest.values()];
}

describe("golden files", () => {
  test("cases with more layers, other recipes and shorter texts than the shared files have pass too", () => {
    expect(failuresOf("additional.json", goldenOperations)).toEqual([]);
  });

  test.each(files)("a copy of %s with one digit changed fails there and nowhere else, for every op", (file) => {
    let seed = 20_260_101;
    const pick = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (const golden of smallestOfEachOp(file)) {
      const leaves = leavesOf(golden.output).filter((path) =>
        isSeen(golden, at(golden.output, path), changed(at(golden.output, path))),
      );
      for (let turn = 0; turn < Math.min(3, leaves.length); turn++) {
        const path = leaves[pick(leaves.length)]!;
        const { passed, first, differences } = runCase(
          withLeaf(golden, path, changed(at(golden.output, path))),
          goldenOperations,
        );
        const found = { passed, ...(QUESTION.test(nameOf(path)) ? {} : { path: first?.path, differences }) };
        const wanted = {
          passed: false,
          ...(QUESTION.test(nameOf(path)) ? {} : { path: nameOf(path), differences: 1 }),
        };
        expect(found, `${golden.id} ${nameOf(path)}`).toEqual(wanted);
      }
    }
  });

  test("an answer that compares nothing does not pass", () => {
    const [golden] = readGolden(readFileSync(new URL("engines-vllm-prf.json", vectors), "utf8"));
    for (const output of [{}, { words: {} }, { words: [] }, []]) {
      expect(runCase({ ...golden!, output }, goldenOperations).passed).toBe(false);
    }
  });

  test("how SGLang's texts were generated is followed: a change of any part of it fails", () => {
    const golden = readGolden(readFileSync(new URL("engines-sglang.json", vectors), "utf8")).find(
      ({ id }) => id === "long-3",
    )!;
    const leaves = leavesOf(golden.output).filter(([name]) => name === "generated_with");
    expect(leaves.length).toBeGreaterThan(9);
    for (const path of leaves) {
      const leaf = at(golden.output, path);
      const copy = withLeaf(golden, path, path.at(-1) === "key_use" ? String(leaf).replace("A", "B") : changed(leaf));
      expect(runCase(copy, goldenOperations).passed, nameOf(path)).toBe(false);
    }
  });
});

describe("listedQuestion", () => {
  test("takes the rule where one entry breaks it, and the list where it has another rule", () => {
    expect(listedQuestion([1, 2, 3], [1, 2, 3])).toEqual([1, 2, 3]);
    expect(listedQuestion([1, 9, 3], [1, 2, 3])).toEqual([1, 2, 3]);
    expect(listedQuestion([1, 2], [1, 2, 3])).toEqual([1, 2, 3]);
    expect(listedQuestion([1, 8, 9], [1, 2, 3])).toEqual([1, 8, 9]);
    expect(listedQuestion([{ a: 1, b: 2 }], [{ b: 2, a: 1 }])).toEqual([{ a: 1, b: 2 }]);
    expect(listedQuestion([7], [8])).toEqual([7]);
  });
});
