import { createHash } from "node:crypto";
import { type AnySchemeConfig, createScheme, Key, TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import {
  contractOf,
  drawEngineKey,
  type EngineContract,
  engineKey,
  engineRegistry,
  isKeyless,
} from "@tokenmark/engines";
import type { AuditPlan, PlannedTest } from "@tokenmark/radioactivity";
import { requireKey } from "../key-file.ts";
import { note } from "../write-output.ts";

/**
 * Refuses a mark whose key is a public constant: there are no wrong keys to test its tail, and whoever runs the engine writes with it.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function checkKeyed(config: AnySchemeConfig): void {
  const contract = contractOf(config);
  if (contract === undefined || !isKeyless(contract)) return;
  throw new TokenmarkError(
    "bad-argument",
    `--profile: wanted a mark with a secret key, got ${contract.id}, whose key is the same for everybody: no wrong key can test its tail, and its mark points to nobody`,
  );
}

/** Whether a key is what an engine has when nobody gives it one. */
function isPublished(contract: EngineContract, key: Key): boolean {
  const fields = Object.values(contract.secrets);
  return fields.every(({ fallback }) => fallback !== undefined) && engineKey(contract, {}).id === key.id;
}

/**
 * Reads the keys of a plan's tests, by id.
 *
 * @throws TokenmarkError `key-mismatch` for a test whose key is not among them, `key-file`, `bad-key` for a file that holds no key of any test's kind.
 */
export async function readPlanKeys(
  plan: AuditPlan,
  files: readonly string[] | undefined,
): Promise<ReadonlyMap<string, Key>> {
  const keys = new Map<string, Key>();
  for (const keyFile of files ?? [undefined]) {
    let unread: TokenmarkError | undefined;
    let holdsKey = false;
    for (const { scheme } of plan.tests) {
      const contract = contractOf(scheme);
      try {
        const key = await requireKey(keyFile === undefined ? {} : { keyFile }, contract);
        keys.set(key.id, key);
        holdsKey = true;
        if (contract !== undefined && isPublished(contract, key)) {
          note(
            `${contract.id}: the key is the one that the engine is published with: whoever runs it so writes this mark`,
          );
        }
      } catch (error) {
        // Perhaps a file with another test's kind of key.
        if (!(error instanceof TokenmarkError) || error.code !== "bad-key") throw error;
        unread = error;
      }
    }
    if (!holdsKey && unread !== undefined) throw unread;
  }
  for (const { keyId } of plan.tests) {
    if (!keys.has(keyId)) {
      throw new TokenmarkError("key-mismatch", `--key-file: wanted the key with id ${keyId}, got none of that id`);
    }
  }
  return keys;
}

/**
 * A scheme under wrong key i: drawn from a digest of what is tested, so that nobody can have chosen or used it.
 *
 * @param like - the true key, where it is at hand: an engine's wrong keys then have its depth.
 */
export function wrongScheme(digest: string): (config: AnySchemeConfig, i: number, like?: Key) => WatermarkScheme {
  const wrong = Key.fromHex(digest);
  return (config, i, like) => {
    const contract = contractOf(config);
    const key = wrong.derive(`wrong key ${i}`);
    return createScheme(config, contract === undefined ? key : drawEngineKey(contract, key, "wrong", like), {
      registry: engineRegistry,
    });
  };
}

/** A mark under a key that means nothing, for what few marks' keys change: its law. */
export const schemeForLaw = (config: AnySchemeConfig): WatermarkScheme => wrongScheme("1".repeat(64))(config, 0);

/** {@link schemeForLaw}; null where the law hangs on the key. */
export const schemeOfLaw = (config: AnySchemeConfig): WatermarkScheme | null =>
  contractOf(config)?.lawDependsOnKey ? null : schemeForLaw(config);

/**
 * A test's scheme under wrong key i. Which keys those are hangs on probe, mark and key alone: whoever words a plan anew draws no others.
 *
 * @param keys - the tests' keys by id.
 */
export function wrongSchemeOf(
  { probe, tokenizerSha256 }: Pick<AuditPlan, "probe" | "tokenizerSha256">,
  keys: ReadonlyMap<string, Key>,
): (test: PlannedTest, i: number) => WatermarkScheme {
  const drawn = new Map<string, ReturnType<typeof wrongScheme>>();
  return ({ scheme, keyId }, i) => {
    const about = JSON.stringify([probe.sha256, tokenizerSha256, keyId, scheme]);
    let schemeUnder = drawn.get(about);
    if (schemeUnder === undefined) {
      schemeUnder = wrongScheme(createHash("sha256").update(about).digest("hex"));
      drawn.set(about, schemeUnder);
    }
    return schemeUnder(scheme, i, keys.get(keyId));
  };
}
