import { describeSchemeContract } from "@tokenmark/testkit";
import { expect, test } from "vitest";
import { engineContracts } from "../src/registry.ts";
import { SUBJECTS, subjectScheme } from "./contract-subjects.ts";

test("every registered contract runs the scheme contract suite", () => {
  expect(new Set(SUBJECTS.map(({ id }) => id))).toEqual(new Set(engineContracts.map(({ id }) => id)));
});

for (const subject of SUBJECTS) {
  const { id, parameters, secrets, options } = subject;
  const fields = JSON.stringify(parameters).replaceAll(/[{}"]/g, "");
  describeSchemeContract(`${id} ${secrets.name} ${fields}`, (key) => subjectScheme(subject, key), options);
}
