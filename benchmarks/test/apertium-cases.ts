import type { AttackResources } from "../src/attacks/attack.ts";
import { modelAttacks } from "../src/attacks/model-attacks.ts";

/** Attacks that translate there and back. */
export const roundTrips = modelAttacks.filter(({ name }) => name.startsWith("round-trip"));

const needed: AttackResources = { writer: null as never, humanText: "", paraphraser: null };
const lacking = await Promise.all(roundTrips.map((attack) => attack.missing!(needed)));

/** Whether apertium or one of its language pairs is lacking, where it may be. */
export const withoutApertium = process.env.TOKENMARK_APERTIUM !== "required" && lacking.some((what) => what !== null);
