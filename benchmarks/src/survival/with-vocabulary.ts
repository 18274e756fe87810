import type { AnySchemeConfig } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";

/** A config with the vocabulary size that some engines' marks ask for. */
export function withVocabulary(config: AnySchemeConfig, vocabularySize: number): AnySchemeConfig {
  const factory = engineRegistry[config.scheme];
  if (factory === undefined || "vocab_size" in config) return config;
  const sized = { ...config, vocab_size: vocabularySize };
  const { scheme: _, ...given } = config;
  try {
    factory.parse(given);
    return config;
  } catch {
    return sized;
  }
}
