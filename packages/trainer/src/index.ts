export { bookParagraphs } from "./corpus/book-paragraphs.ts";
export { deduplicate, sentences } from "./corpus/deduplicate.ts";
export type { Document } from "./corpus/document.ts";
export { documentText, encodeDocuments } from "./corpus/encode-documents.ts";
export { plainCharacters } from "./corpus/plain-characters.ts";
export { TrainerError, type TrainerErrorCode } from "./errors.ts";
export { type ExportOptions, exportModel } from "./export/export-model.ts";
export { buildInferenceGraph } from "./export/inference-graph.ts";
export { type ModelFolder, readModelFolder } from "./export/read-model-folder.ts";
export type { WeightStorage } from "./export/weight-storage.ts";
export type { ModelConfig } from "./model/model-config.ts";
export {
  initialWeights,
  type ParameterSpec,
  parameterCount,
  parameterSpecs,
  type Weights,
} from "./model/parameters.ts";
export { type BpeTokenizer, createBpeTokenizer } from "./tokenizer/bpe-tokenizer.ts";
export { parseTokenizerJson, tokenizerConfigJson, tokenizerJson } from "./tokenizer/tokenizer-files.ts";
export { type BpeVocabulary, END_OF_TEXT, trainBpe } from "./tokenizer/train-bpe.ts";
export { type AdamWOptions, DEFAULT_ADAMW } from "./training/adamw.ts";
export type { TokenStream } from "./training/batch-tensors.ts";
export { type Checkpoint, type CurvePoint, readCheckpoint, writeCheckpoint } from "./training/checkpoint.ts";
export { bitsPerByte, createEvaluator, type Evaluator } from "./training/evaluate.ts";
export type { LearningRateSchedule } from "./training/learning-rate.ts";
export { progressLine } from "./training/progress-line.ts";
export { type Progress, type TrainOptions, type TrainResult, train } from "./training/train.ts";
export type { DataOrder } from "./training/windows.ts";
