import type { EngineContract } from "../../contract.ts";
import { markllmExpCpu } from "./markllm-exp.ts";
import { markllmExpGumbelCpu } from "./markllm-exp-gumbel.ts";
import { markllmKgwCpu } from "./markllm-kgw.ts";

/** MarkLLM's marks over torch's CPU generator; its Unigram is with the other Unigram, its SynthID with the other SynthIDs. */
export const markllmContracts: readonly EngineContract[] = Object.freeze([
  markllmKgwCpu,
  markllmExpCpu,
  markllmExpGumbelCpu,
]);
