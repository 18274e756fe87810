import type { TallyTest } from "./test-tally.ts";

/** A control under the right key. */
export interface AuditControl extends TallyTest {
  readonly role: "base model" | "clean student";
  readonly name: string;
  /** Whether its units are of text that was encoded anew with the mark's tokenizer. */
  readonly retokenised: boolean;
}
