export { randomTokens, testKey } from "./contract-subject.ts";
export { type TinyGgufOptions, writeTinyGguf } from "./gguf/tiny-gguf.ts";
export { type LawFacts, lawFacts } from "./law-facts.ts";
export { describeSchemeContract, type SchemeContractOptions } from "./scheme-contract.ts";
export { createToySource, type ToySource, type ToySourceOptions } from "./toy-source.ts";
export { type ToyTextOptions, writeToyText } from "./toy-text.ts";
export { readVectors } from "./vectors.ts";
