export { checkGeneration, type GenerationSettings } from "./check-generation.ts";
export { checkModel } from "./check-model.ts";
export {
  type ExactProcessor,
  type ExactProcessorOptions,
  type ExactRow,
  exactProcessor,
  type RowSchemes,
} from "./exact-processor.ts";
export {
  createGenerator,
  type GeneratedText,
  type Generator,
  type GeneratorOptions,
  type TextOptions,
} from "./generator.ts";
export type { HostCall, HostIds, HostLogits, HostProcessor } from "./host.ts";
export { type LoadOptions, loadTokenizer } from "./load-model.ts";
export { type MarkedGeneration, type MarkedGenerationOptions, markedGeneration } from "./marked-generation.ts";
export { type CallableModel, createModelSource, type ModelSourceOptions } from "./model-source.ts";
export { createReader, type ReadableModel, type ReaderOptions, type TextReader } from "./reader.ts";
export type { RandomOptions, Seed } from "./row-random.ts";
export type { PaddingOptions } from "./row-starts.ts";
export type { TextStream } from "./text-stream.ts";
export { type HostTokenizer, type ModelTokenizer, wrapTokenizer } from "./tokenizer.ts";
export {
  type OutcomeCounts,
  type WatermarkProcessor,
  type WatermarkProcessorOptions,
  watermarkProcessor,
} from "./watermark-processor.ts";
export type { SamplingOptions, WrittenRow } from "./write-rows.ts";
