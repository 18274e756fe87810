import type { Operation } from "./golden.ts";
import { kgwOperations } from "./kgw-operations.ts";
import { markllmOperations } from "./markllm-operations.ts";
import { philoxOperations } from "./philox-operations.ts";
import { sglangOperations } from "./sglang-operations.ts";
import { synthidOperations } from "./synthid-operations.ts";
import { textsealOperations } from "./textseal-operations.ts";
import { threeBricksOperations } from "./three-bricks-operations.ts";
import { torchOperations } from "./torch-operations.ts";
import { unigramOperations } from "./unigram-operations.ts";
import { vllmDraftOperations } from "./vllm-draft-operations.ts";
import { vllmOperations } from "./vllm-operations.ts";

/** How to recompute every op of the golden files from its question alone. Operations of one name are told apart by what they apply to. */
export const goldenOperations: readonly Operation[] = Object.freeze([
  ...torchOperations,
  ...kgwOperations,
  ...synthidOperations,
  ...philoxOperations,
  ...vllmOperations,
  ...vllmDraftOperations,
  ...textsealOperations,
  ...sglangOperations,
  ...markllmOperations,
  ...unigramOperations,
  ...threeBricksOperations,
]);
