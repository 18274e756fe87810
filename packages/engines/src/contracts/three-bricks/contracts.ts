import type { EngineContract } from "../../contract.ts";
import { threeBricksMarylandHash } from "./three-bricks-maryland.ts";
import { threeBricksOpenaiHash } from "./three-bricks-openai.ts";

/** Three Bricks' two methods, for the one seeding that can be repeated. */
export const threeBricksContracts: readonly EngineContract[] = Object.freeze([
  threeBricksMarylandHash,
  threeBricksOpenaiHash,
]);
