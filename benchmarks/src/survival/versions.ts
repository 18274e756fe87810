import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { env } from "@huggingface/transformers";

/** Versions that figures may depend on. */
export function readVersions(): Readonly<Record<string, string>> {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return { "@tokenmark/benchmarks": version, "@huggingface/transformers": env.version, node: process.version };
}

/** The processor, as the system names it. */
export const machineName = (): string => `${cpus()[0]?.model.trim() ?? "unknown"}, ${cpus().length} cores`;
