import type { EngineContract } from "../../contract.ts";
import { markllmUnigramNumpy } from "./markllm-unigram.ts";
import { unigramWatermarkNumpy } from "./unigram-watermark.ts";

/** Contracts with one fixed green list. */
export const unigramContracts: readonly EngineContract[] = Object.freeze([unigramWatermarkNumpy, markllmUnigramNumpy]);
