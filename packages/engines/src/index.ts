export type { ContractState, EngineContract, EngineReading, EngineText } from "./contract.ts";
