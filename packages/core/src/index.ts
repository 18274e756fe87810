export { TokenmarkError, type TokenmarkErrorCode } from "./errors.ts";
export { createByteDetokenizer, createDecodingDetokenizer, type TokenBytes } from "./generation/detokenizer.ts";
export type { DraftOptions } from "./generation/draft-length.ts";
export {
  type GeneratedToken,
  type GenerateOptions,
  type GenerationSummary,
  generate,
  type TokenOutcome,
} from "./generation/generate.ts";
export type { QuestionCounts } from "./generation/question.ts";
export { throwIfAborted } from "./generation/until-aborted.ts";
export { type EngineSecret, Key } from "./key.ts";
export {
  checkProfileKey,
  checkProfileTokenizer,
  createProfile,
  type ExpectedScores,
  type Profile,
  parseProfile,
  type TokenizerIdentity,
} from "./profile.ts";
export { cryptoRandom } from "./sampling/crypto-random.ts";
export {
  createLogitsProcessor,
  type LogitsProcessor,
  type LogitsProcessorOptions,
} from "./sampling/logits-processor.ts";
export { refuseGreedy, refuseUnmarkable } from "./sampling/refuse-greedy.ts";
export type { MarkOutcome } from "./sampling/repeat-guard.ts";
export { createSampler, type Sampler, type SamplerOptions, type SamplingMark } from "./sampling/sampler.ts";
export { defineScheme, type SchemeFacts, type SchemeKernel } from "./schemes/define-scheme.ts";
export { type DualGumbelOptions, dualGumbel } from "./schemes/dual-gumbel.ts";
export { type GumbelOptions, gumbel } from "./schemes/gumbel.ts";
export { type KgwOptions, type KgwSeeding, kgw } from "./schemes/kgw.ts";
export {
  type AnySchemeConfig,
  type BlindSpot,
  createScheme,
  DEFAULT_SCHEME,
  defaultSchemeConfig,
  parseSchemeConfig,
  type SchemeConfig,
  type SchemeFactory,
  type SchemeName,
  type SchemeRegistry,
  schemeNames,
  type Trap,
} from "./schemes/scheme-config.ts";
export { type SynthidOptions, synthid } from "./schemes/synthid.ts";
export { playTournament } from "./schemes/tournament.ts";
export { type UnigramOptions, unigram } from "./schemes/unigram.ts";
export type {
  ContextRule,
  Detokenizer,
  DraftStep,
  LogitReader,
  LogitSource,
  MarkedSpan,
  NextLogits,
  NullLaw,
  ProcessOptions,
  RepeatRule,
  SourceCall,
  TextTokenizer,
  TokenId,
  TokenSequence,
  WatermarkScheme,
} from "./types.ts";
