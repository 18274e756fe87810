import { describe, expect, it } from "vitest";
import { formatTranscripts, parseTranscripts } from "../src/index.ts";

const tokenizer = { encode: (text: string): number[] => Array.from(text, (character) => character.codePointAt(0)!) };

describe("datasets", () => {
  it.each(["messages", "instruction"] as const)("come back as they were written, as %s", (shape) => {
    const rows = [
      { promptText: "Say\nit", text: "so “be” it", prompt: [1, 2], tokens: [3, 4, 5], profile: "abc", hasOwnIds: true },
      { promptText: "", text: "x", prompt: [], tokens: [7], profile: null, hasOwnIds: true },
    ];
    expect(parseTranscripts(formatTranscripts(rows, shape), tokenizer)).toEqual(rows);
  });

  it("are read in the shapes that others write, ids made where they are missing", () => {
    const jsonl = [
      '{"messages":[{"role":"system","content":"S"},{"role":"user","content":"U"},{"role":"assistant","content":"A"}]}',
      '{"instruction":"I","input":"J","output":"O"}',
      "",
      '{"prompt":"P","text":"T","tokens":[9]}',
    ].join("\r\n");
    expect(parseTranscripts(jsonl, tokenizer)).toMatchObject([
      { promptText: "S\nU", text: "A", tokens: [65], hasOwnIds: false },
      { promptText: "I\nJ", text: "O", prompt: [73, 10, 74] },
      { promptText: "P", text: "T", tokens: [9], hasOwnIds: true },
    ]);
  });

  it("take a receipt on one line for a row: its ids, and its key's public id as the profile", () => {
    const receipt = { format: "tokenmark-receipt/1", prompt: "P", promptTokens: [1], tokens: [9], text: "T" };
    const read = (more: object) => parseTranscripts(JSON.stringify({ ...receipt, ...more }), tokenizer)[0];
    expect(read({ keyId: "abc" })).toMatchObject({ promptText: "P", prompt: [1], tokens: [9], profile: "abc" });
    expect(read({ keyId: null })).toMatchObject({ profile: null, hasOwnIds: true });
  });

  it.each([
    ['{"messages":[{"role":"user","content":"U"}]}', /line 1: wanted an answer by "assistant"/],
    ['{"messages":[null,{"role":"assistant","content":"A"}]}', /line 1: wanted a text in "content", got none/],
    ['{"instruction":"I"}', /line 1: wanted a text in "output", got none/],
    ['{"a":1}', /line 1: wanted "messages"/],
    ['{"text":"a","tokens":[1.5]}', /line 1: wanted token ids in "tokens"/],
    [
      '{"text":"a","tokens":[5,99999999999]}',
      /line 1: wanted token ids below 2147483648.* in "tokens", got 99999999999/,
    ],
    ['\n{"text"', /line 2: wanted JSON/],
    ["7", /line 1: wanted an object/],
    ["\n", /wanted at least one line/],
  ])("refuses %s, and says where", (jsonl, message) => {
    expect(() => parseTranscripts(jsonl, tokenizer)).toThrow(message);
  });

  it("refuse ids beyond a vocabulary, of prompts too", () => {
    const row = (prompt: number, token: number) =>
      `{"prompt":"P","text":"T","prompt_tokens":[${prompt}],"tokens":[${token}]}`;
    expect(() => parseTranscripts(row(9, 9), tokenizer, 10)).not.toThrow();
    expect(() => parseTranscripts(row(9, 10), tokenizer, 10)).toThrow(
      /line 1: wanted token ids below 10, the size of the vocabulary, in "tokens", got 10/,
    );
    expect(() => parseTranscripts(row(10, 9), tokenizer, 10)).toThrow(/in "prompt_tokens", got 10/);
  });
});
