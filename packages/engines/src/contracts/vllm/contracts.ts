import type { EngineContract } from "../../contract.ts";
import { vllmRedGreen, vllmSynthidText } from "./vllm-drafts.ts";
import { vllmDualKeyGumbel, vllmGumbel } from "./vllm-gumbel.ts";
import { vllmSbw } from "./vllm-sbw.ts";

/** vLLM's contracts. */
export const vllmContracts: readonly EngineContract[] = Object.freeze([
  vllmGumbel,
  vllmDualKeyGumbel,
  vllmSbw,
  vllmRedGreen,
  vllmSynthidText,
]);
