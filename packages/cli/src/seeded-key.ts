import { createHash } from "node:crypto";
import { Key } from "@tokenmark/core";

/**
 * A key that anybody can make again from a public seed: for repeatable measurements and demonstrations, whose keys protect
 * nothing. Never for a deployment.
 */
export function seededKey(purpose: string, seed: string): Key {
  return Key.fromHex(
    createHash("sha256")
      .update(JSON.stringify(["tokenmark-cli/seeded-key/1", purpose, seed]))
      .digest("hex"),
  );
}
