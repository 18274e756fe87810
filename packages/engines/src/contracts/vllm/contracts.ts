import type { EngineContract } from "../../contract.ts";
import { vllmDualKeyGumbel, vllmGumbel } from "./vllm-gumbel.ts";

/** vLLM's contracts. */
export const vllmContracts: readonly EngineContract[] = Object.freeze([vllmGumbel, vllmDualKeyGumbel]);
