export { NOT_DERIVABLE } from "./conformance/compare.ts";
export type { GoldenCase, GoldenQuestion, JsonObject, Operation } from "./conformance/golden.ts";
export { goldenOperations } from "./conformance/operations.ts";
export { type CaseResult, readGolden, runCase } from "./conformance/run-golden.ts";
export type { ContractState, EngineContract, EngineReading, EngineText } from "./contract.ts";
export { drawEngineKey } from "./draw-engine-key.ts";
export { engineKey, secretsOf } from "./engine-key.ts";
export { contractOf, engineContracts, engineRegistry, findContract, isKeyless } from "./registry.ts";
