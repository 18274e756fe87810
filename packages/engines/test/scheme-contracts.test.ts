import { Key } from "@tokenmark/core";
import { describeSchemeContract } from "@tokenmark/testkit";
import { expect, test } from "vitest";
import { engineContracts } from "../src/registry.ts";
import { SUBJECTS, subjectScheme } from "./contract-subjects.ts";

test("every registered contract runs the scheme contract suite, but for the one that can only be read", () => {
  expect(new Set(SUBJECTS.map(({ id }) => id))).toEqual(new Set(engineContracts.map(({ id }) => id)));
  const readOnly = SUBJECTS.filter((subject) => subject.readOnly);
  expect(readOnly.map(({ id }) => id)).toEqual(["textseal-dipmark/v0.1"]);
  for (const subject of readOnly) {
    const scheme = subjectScheme(subject, Key.fromHex("5a".repeat(32)));
    expect(() => scheme.process(new Float32Array(8), [1, 2, 3])).toThrow(
      expect.objectContaining({ code: "read-only" }),
    );
  }
});

for (const subject of SUBJECTS.filter(({ readOnly }) => !readOnly)) {
  const { id, parameters, secrets, options } = subject;
  const fields = JSON.stringify(parameters).replaceAll(/[{}"]/g, "");
  describeSchemeContract(`${id} ${secrets.name} ${fields}`, (key) => subjectScheme(subject, key), options);
}
