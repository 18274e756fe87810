import type { BlindSpot, TokenSequence, Trap, WatermarkScheme } from "@tokenmark/core";
import { checkText } from "./check-text.ts";
import type { Fields, ValuesOf } from "./field.ts";

/** How far a contract can be relied on. */
export type ContractState =
  /** In a release that people run. */
  | "released"
  /** In an open pull request: a later head may change it. */
  | "open-pull-request"
  /** An unreleased draft, or one that was superseded. */
  | "draft"
  /** A research code base. */
  | "research";

/** A text as an engine's own detector is given it. */
export interface EngineText {
  /** Generated ids, the prompt not among them. */
  readonly tokens: TokenSequence;
  /** Ids before them, oldest first; null where nobody kept them. */
  readonly prompt: TokenSequence | null;
}

/** What the engine's own detector says, faults included. Finite numbers only; null where the engine would print NaN or fail. */
export interface EngineReading {
  /** Positions the engine counts. */
  readonly tokensScored: number;
  /** What the engine calls its statistic, and its value. */
  readonly statisticName: string;
  readonly statistic: number | null;
  /** The p-value as the engine prints it; null if it prints none. */
  readonly pValue: number | null;
  /** The engine's verdict at its own threshold; null if it has none. */
  readonly marked: boolean | null;
  /** What is wrong with this p-value, a sentence each; empty if nothing is known to be. */
  readonly faults: readonly string[];
}

/** A watermark that somebody else's engine writes, with its fields still typed. */
export interface ContractDefinition<P extends Fields, S extends Fields> {
  /** Stable: engine and algorithm, then what of it varies, such as `vllm-gumbel/philox4x32-10-v1`. */
  readonly id: string;
  readonly engine: string;
  readonly algorithm: string;
  readonly state: ContractState;
  /** Where the contract was read: repository, commit or pull request, date. */
  readonly source: string;
  /** Public parameters under the engine's names; they go into a profile. */
  readonly parameters: P;
  /** Secret parameters under the engine's names; they go into a key file. */
  readonly secrets: S;
  /** What the deployer must tell an auditor besides the fields, a sentence each. */
  readonly mustBeTold: readonly string[];
  /** Facts that belong into every report on this mark, such as a small key space; a sentence each. */
  readonly securityFacts: readonly string[];
  /** True where the null law hangs on the key, such as on how many layers it has: without the key no p-value can be worked out again. @defaultValue false */
  readonly lawDependsOnKey?: boolean;
  /** Mistakes that make a marked text look unmarked and that no reading can show; none if absent. */
  readonly blindSpots?: readonly BlindSpot[];
  /** The scheme; throws TokenmarkError `bad-config` where fields contradict each other. */
  create(parameters: ValuesOf<P>, secrets: ValuesOf<S>): WatermarkScheme;
  /** The engine's own statistic and p-value. Absent if the engine has no detector. */
  engineReading?(parameters: ValuesOf<P>, secrets: ValuesOf<S>, text: EngineText): EngineReading;
  /** Other readings of the same text that a wrong assumption calls for, the likeliest first. */
  traps?(parameters: ValuesOf<P>, secrets: ValuesOf<S>, text: EngineText): readonly Trap[];
}

/** As {@link ContractDefinition}, for lists of contracts. */
export type EngineContract = ContractDefinition<Fields, Fields>;

/**
 * Checks a contract's types and forgets them, so that contracts of all engines fit one list. The engine's own reading and the traps refuse
 * what is no token id (`bad-argument`) before anything is computed from it.
 */
export function defineContract<P extends Fields, S extends Fields>(contract: ContractDefinition<P, S>): EngineContract {
  const { engineReading, traps } = contract;
  const checked: ContractDefinition<P, S> = {
    ...contract,
    ...(engineReading && {
      engineReading(parameters, secrets, text) {
        checkText(text);
        return engineReading(parameters, secrets, text);
      },
    }),
    ...(traps && {
      traps(parameters, secrets, text) {
        checkText(text);
        return traps(parameters, secrets, text);
      },
    }),
  };
  return Object.freeze(checked) as unknown as EngineContract;
}
