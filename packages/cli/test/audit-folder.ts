import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modelFolder } from "@tokenmark/demo-model";
import { expect } from "vitest";
import { type MarkedFolder, markedFolder } from "./marked-folder.ts";
import type { Ended } from "./run-tokenmark.ts";

/** A marked folder in which audits are planned and run. */
export interface AuditFolder extends MarkedFolder {
  /** Writes the marked text as t.jsonl, ids beside it, and a plan of it; the plan's own stderr. */
  plan(name: string, ...args: string[]): Promise<string>;
  runPlan(name: string, ...args: string[]): Promise<Ended>;
  /** The marked text as one line of JSONL. */
  dataset(): string;
  /** The marked text in so many pieces, each an answer behind all that precedes it. */
  pieces(count: number): string;
  /** The shipped model with some of its weights changed: another model. */
  otherModel(): string;
  /** The shipped model with fewer merges in its tokenizer: the same vocabulary, other ids for many a text. */
  foreignModel(): string;
  /** The shipped model without a file. */
  modelWithout(file: string): string;
}

const HYPOTHESIS = ["--hypothesis", "the suspect was trained on our answers"];

/** Makes the folder before the tests of a file. */
export function auditFolder(): AuditFolder {
  const marked = markedFolder();
  const { cwd, read, write, run } = marked;
  function copyOf(name: string): string {
    const folder = join(cwd, name);
    cpSync(modelFolder, folder, { recursive: true });
    return folder;
  }
  function dataset(): string {
    const { tokens, promptTokens } = JSON.parse(read("r.json")) as { tokens: number[]; promptTokens: number[] };
    const texts = { instruction: "The people of the city", response: read("out.txt") };
    return `${JSON.stringify({ ...texts, tokens, prompt_tokens: promptTokens })}\n`;
  }
  function otherModel(): string {
    const folder = copyOf("other");
    const path = join(folder, "onnx/model_quantized.onnx");
    const weights = readFileSync(path);
    // In the midst of the file lie weights of one byte each.
    for (let i = 0; i < 500; i++) weights[(weights.length >> 1) + i]! ^= 5;
    writeFileSync(path, weights);
    return folder;
  }
  return {
    ...marked,
    dataset,
    otherModel,
    pieces(count: number): string {
      const { tokens, promptTokens } = JSON.parse(read("r.json")) as { tokens: number[]; promptTokens: number[] };
      const length = tokens.length / count;
      return Array.from({ length: count }, (_, i) => {
        const own = tokens.slice(i * length, (i + 1) * length);
        const before = [...promptTokens, ...tokens.slice(0, i * length)];
        return `${JSON.stringify({ prompt: "The people of the city", text: "…", prompt_tokens: before, tokens: own })}\n`;
      }).join("");
    },
    async plan(name: string, ...args: string[]): Promise<string> {
      write("t.jsonl", dataset());
      const flags = `audit-model plan --profile p.json --transcripts t.jsonl --out ${name}`.split(" ");
      const ended = await run(...flags, ...HYPOTHESIS, ...args);
      expect(ended).toMatchObject({ status: 0, stdout: "" });
      return ended.stderr;
    },
    runPlan: (name: string, ...args: string[]) =>
      run("audit-model", "run", name, "--transcripts", "t.jsonl", "--key-file", "a.key", ...args),
    foreignModel(): string {
      const folder = copyOf("foreign");
      const path = join(folder, "tokenizer.json");
      const tokenizer = JSON.parse(readFileSync(path, "utf8"));
      tokenizer.model.merges.length -= 1500;
      writeFileSync(path, JSON.stringify(tokenizer));
      return folder;
    },
    modelWithout(file: string): string {
      const folder = copyOf(`without ${file.replaceAll("/", " ")}`);
      rmSync(join(folder, file), { recursive: true });
      return folder;
    },
  };
}
