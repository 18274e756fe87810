import type { EngineContract } from "../../contract.ts";
import { hfKgwLefthash, hfKgwSelfhash } from "./hf-kgw.ts";
import { lmLegacy, lmWatermarking, tgiKgw } from "./lm-watermarking.ts";

/** The KGW family: Hugging Face, lm-watermarking, TGI. */
export const kgwContracts: readonly EngineContract[] = Object.freeze([
  hfKgwLefthash,
  hfKgwSelfhash,
  lmWatermarking,
  lmLegacy,
  tgiKgw,
]);
