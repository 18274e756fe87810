import type { EngineContract } from "../../contract.ts";
import { textsealDual } from "./textseal-dual.ts";
import { textsealGreen, textsealGumbel, textsealSynthid } from "./textseal-single.ts";

/** TextSeal's contracts. */
export const textsealContracts: readonly EngineContract[] = Object.freeze([
  textsealGreen,
  textsealGumbel,
  textsealSynthid,
  textsealDual,
]);
