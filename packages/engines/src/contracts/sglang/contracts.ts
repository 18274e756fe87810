import type { EngineContract } from "../../contract.ts";
import { sglangGumbel } from "./sglang-gumbel.ts";

/** SGLang's own watermark. Its TextSeal provider is among TextSeal's. */
export const sglangContracts: readonly EngineContract[] = Object.freeze([sglangGumbel]);
