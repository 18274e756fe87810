import { type TextTokenizer, type TokenId, TokenmarkError } from "@tokenmark/core";
import type { Transcript } from "./transcript.ts";

/** A transcript as datasets carry it: text, and where they were kept the ids and the profile that it was marked under. */
export interface TranscriptRecord extends Transcript {
  readonly promptText: string;
  readonly text: string;
  /** Public id of the key or profile; null for unmarked or unknown. */
  readonly profile: string | null;
  /** False where the ids were made from the text here: they may differ from those that were generated. */
  readonly hasOwnIds: boolean;
}

/** Shapes of chat and instruction datasets. */
export const datasetShapes = ["messages", "instruction"] as const;
export type DatasetShape = (typeof datasetShapes)[number];

type Fields = Readonly<Record<string, unknown>>;

function textField(fields: Fields | null, name: string, place: string): string {
  const value = fields?.[name];
  if (typeof value === "string") return value;
  throw new TokenmarkError(
    "bad-config",
    `${place}: wanted a text in "${name}", got ${value === undefined ? "none" : typeof value}`,
  );
}

/** One above the greatest id that any vocabulary has. */
const MOST_IDS = 2 ** 31;

function idsField(fields: Fields, name: string, place: string, vocabularySize: number): readonly TokenId[] | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  const refuse = (wanted: string, got: string): never => {
    throw new TokenmarkError("bad-config", `${place}: wanted ${wanted} in "${name}", got ${got}`);
  };
  if (!Array.isArray(value) || !value.every((id) => Number.isInteger(id) && id >= 0)) {
    return refuse("token ids", "something else");
  }
  const beyond = (value as TokenId[]).find((id) => id >= vocabularySize);
  if (beyond !== undefined) refuse(`token ids below ${vocabularySize}, the size of the vocabulary,`, `${beyond}`);
  return value as TokenId[];
}

/** Prompt and answer of a row: of `messages` the last answer with all that precedes it, or `instruction` (with `input`) and `response` or `output`. */
function textsOf(fields: Fields, place: string): { promptText: string; text: string } {
  if (Array.isArray(fields.messages)) {
    const messages = fields.messages as readonly (Fields | null)[];
    const last = messages.map((message) => message?.role).lastIndexOf("assistant");
    if (last < 0) throw new TokenmarkError("bad-config", `${place}: wanted an answer by "assistant", got none`);
    return {
      promptText: messages
        .slice(0, last)
        .map((message) => textField(message, "content", place))
        .join("\n"),
      text: textField(messages[last]!, "content", place),
    };
  }
  if ("instruction" in fields) {
    const input = typeof fields.input === "string" && fields.input !== "" ? `\n${fields.input}` : "";
    return {
      promptText: textField(fields, "instruction", place) + input,
      text: textField(fields, "response" in fields ? "response" : "output", place),
    };
  }
  if ("text" in fields) {
    return {
      promptText: typeof fields.prompt === "string" ? fields.prompt : "",
      text: textField(fields, "text", place),
    };
  }
  throw new TokenmarkError(
    "bad-config",
    `${place}: wanted "messages", "instruction" with "response", or "text", got none of them`,
  );
}

/**
 * Reads a dataset in JSONL, in the shapes that distillation tools write: `messages`, `instruction`/`response`, or `prompt`/`text`; beside them
 * `prompt_tokens`, `tokens` and `profile` where they were kept (receipts, one a line, have `promptTokens`, `tokens` and `keyId`). Ids that are missing are made with `tokenizer`.
 *
 * @param vocabularySize - ids from here on are refused.
 * @throws TokenmarkError `bad-config` with the line.
 */
export function parseTranscripts(
  jsonl: string,
  tokenizer: Pick<TextTokenizer, "encode">,
  vocabularySize: TokenId = MOST_IDS,
): TranscriptRecord[] {
  const records: TranscriptRecord[] = [];
  jsonl.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === "") return;
    const place = `line ${i + 1}`;
    let fields: unknown;
    try {
      fields = JSON.parse(line);
    } catch {
      throw new TokenmarkError("bad-config", `${place}: wanted JSON, got something else`);
    }
    if (typeof fields !== "object" || fields === null) {
      throw new TokenmarkError("bad-config", `${place}: wanted an object, got ${JSON.stringify(fields).slice(0, 20)}`);
    }
    const { promptText, text } = textsOf(fields as Fields, place);
    const tokens = idsField(fields as Fields, "tokens", place, vocabularySize);
    // A receipt of `generate` on one line has the same under names of its own.
    const prompt =
      idsField(fields as Fields, "prompt_tokens", place, vocabularySize) ??
      idsField(fields as Fields, "promptTokens", place, vocabularySize);
    const { keyId, profile = keyId } = fields as { keyId?: unknown; profile?: unknown };
    records.push({
      promptText,
      text,
      prompt: prompt ?? Array.from(tokenizer.encode(promptText)),
      tokens: tokens ?? Array.from(tokenizer.encode(text)),
      profile: typeof profile === "string" ? profile : null,
      hasOwnIds: tokens !== undefined,
    });
  });
  if (records.length === 0) throw new TokenmarkError("bad-config", "transcripts: wanted at least one line, got none");
  return records;
}

/** Writes a dataset in a shape that distillation tools read, ids and profile beside it. */
export function formatTranscripts(records: readonly TranscriptRecord[], shape: DatasetShape): string {
  return records
    .map(({ promptText, text, prompt, tokens, profile }) => {
      const content =
        shape === "messages"
          ? {
              messages: [
                { role: "user", content: promptText },
                { role: "assistant", content: text },
              ],
            }
          : { instruction: promptText, response: text };
      const row = { ...content, prompt_tokens: Array.from(prompt), tokens: Array.from(tokens), profile };
      return `${JSON.stringify(row)}\n`;
    })
    .join("");
}
