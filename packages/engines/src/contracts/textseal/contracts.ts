import type { EngineContract } from "../../contract.ts";
import { textsealDual } from "./textseal-dual.ts";
import { textsealDipmark, textsealGreen, textsealMorphmark } from "./textseal-green.ts";
import { textsealGumbel, textsealSynthid } from "./textseal-single.ts";

/** TextSeal's contracts. */
export const textsealContracts: readonly EngineContract[] = Object.freeze([
  textsealGreen,
  textsealMorphmark,
  textsealDipmark,
  textsealGumbel,
  textsealSynthid,
  textsealDual,
]);
