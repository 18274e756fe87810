import type { AnySchemeConfig } from "@tokenmark/core";
import type { AuditMode } from "./audit-mode.ts";
import { canonicalJson } from "./canonical-json.ts";

/** One test of a plan. */
export interface PlannedTest {
  readonly scheme: AnySchemeConfig;
  readonly keyId: string;
  readonly mode: AuditMode;
}

/** Whether two tests differ in the key at most. */
export const isSameTest = (a: Pick<PlannedTest, "scheme" | "mode">, b: Pick<PlannedTest, "scheme" | "mode">): boolean =>
  a.mode === b.mode && canonicalJson(a.scheme) === canonicalJson(b.scheme);
