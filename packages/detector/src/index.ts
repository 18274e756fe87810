export { estimateExpected, type GenerationFacts, type ScoredText } from "./calibrate.ts";
export type { UnitCounterOptions } from "./counting.ts";
export type { Detection } from "./detection.ts";
export { createDetector, type Detector, type DetectorOptions, type TestOptions } from "./detector.ts";
export { type Declared, type DiagnoseOptions, type Diagnosis, diagnose, type TriedTrap } from "./diagnose.ts";
export { type KnownLaw, knownLaw } from "./known-law.ts";
export type { OffsetSource } from "./offsets.ts";
export { describePowerAssumptions, estimatePower } from "./power.ts";
export {
  detectWithProfile,
  type IdentifiedTokenizer,
  type ProfileAccess,
  type ProfiledText,
  type ProfiledTokens,
  schemeOfProfile,
} from "./profile.ts";
export { type EvidenceLevel, evidenceLevel, explainDetection, formatPValue } from "./report.ts";
export {
  type DetectTextOptions,
  detectText,
  scoreText,
  type TextDetection,
  type TextOptions,
  type TextScores,
  type TextTokenScore,
} from "./text.ts";
export { type DetectTokensOptions, detectTokens, type SpanOptions, scoreTokens, type TokenScore } from "./tokens.ts";
export { createUnitSet, type UnitSet } from "./unit-set.ts";
export { DECISIVE_POWER, DEFAULT_ALPHA, type Verdict } from "./verdict.ts";
