import { createScheme } from "@tokenmark/core";
import { testKey } from "@tokenmark/testkit";
import { describe, expect, it } from "vitest";
import { drawEngineKey } from "../src/draw-engine-key.ts";
import { engineKey, secretsOf } from "../src/engine-key.ts";
import { engineContracts, engineRegistry, findContract } from "../src/registry.ts";
import { SUBJECTS } from "./contract-subjects.ts";

const lawOf = (id: string, parameters: object, key: ReturnType<typeof engineKey>): string =>
  JSON.stringify(
    createScheme({ scheme: id, ...parameters } as never, key, { registry: engineRegistry }).nullLaw,
    (_, value: unknown) => (value instanceof Float64Array ? Array.from(value) : value),
  );

describe("the null law", () => {
  it.each(SUBJECTS.map(({ id, parameters }) => [id, parameters] as const))(
    "of %s is the same under every key, unless the contract says that it hangs on it (%j)",
    (id, parameters) => {
      const contract = findContract(id);
      const short = Array.isArray(secretsOf(contract, drawEngineKey(contract, testKey("a"), "law")).keys);
      const laws = ["a", "b", "c"].map((name) => lawOf(id, parameters, drawEngineKey(contract, testKey(name), "law")));
      // Keys that come as a list may be of any depth.
      if (short) laws.push(lawOf(id, parameters, engineKey(contract, { keys: ["654", "400", "836"] })));
      expect(new Set(laws).size > 1).toBe(contract.lawDependsOnKey ?? false);
    },
  );
});

describe("a drawn key", () => {
  it("has the depth of the key that it is to be like, and is another", () => {
    const contract = findContract("deepmind-synthid/main");
    const own = engineKey(contract, { keys: ["654", "400", "836"] });
    const like = secretsOf(contract, drawEngineKey(contract, testKey("a"), "wrong", own)).keys as readonly string[];
    const free = secretsOf(contract, drawEngineKey(contract, testKey("a"), "wrong")).keys as readonly string[];
    expect(like).toHaveLength(3);
    expect(free).toHaveLength(30);
    expect(free.slice(0, 3)).toEqual(like);
    expect(like).not.toContain("654");
    for (const { id } of engineContracts) {
      const one = findContract(id);
      const key = drawEngineKey(one, testKey("a"), "wrong");
      expect(drawEngineKey(one, testKey("a"), "wrong", key).id).toBe(key.id);
    }
  });
});
