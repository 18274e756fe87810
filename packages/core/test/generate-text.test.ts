import fc from "fast-check";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import {
  createByteDetokenizer,
  createDecodingDetokenizer,
  type GeneratedToken,
  type GenerateOptions,
  type GenerationSummary,
  generate,
  gumbel,
  Key,
  type LogitSource,
  TokenmarkError,
} from "../src/index.ts";

const utf8 = new TextEncoder();
/** A vocabulary of pieces of characters: "é", "👋" and "漢" each come as two tokens or more. */
const vocabulary = [
  utf8.encode("a"),
  utf8.encode(" b"),
  utf8.encode("é").subarray(0, 1),
  utf8.encode("é").subarray(1),
  utf8.encode("👋").subarray(0, 2),
  utf8.encode("👋").subarray(2),
  utf8.encode("漢").subarray(0, 1),
  utf8.encode("漢").subarray(1),
  new Uint8Array(0),
];
const bytes = (token: number): Uint8Array => vocabulary[token]!;
const textOf = (tokens: readonly number[]): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(tokens.flatMap((t) => [...bytes(t)])));

/** A source that is made to say certain tokens, one after the other. */
function saying(tokens: readonly number[], spells = true): LogitSource {
  return {
    name: "script",
    async next(before) {
      const logits = new Float32Array(vocabulary.length).fill(-100);
      logits[tokens[before.length] ?? 0] = 0;
      return { logits };
    },
    ...(spells ? { createDetokenizer: () => createByteDetokenizer({ bytes }) } : {}),
  };
}

async function read(source: LogitSource, options: Partial<GenerateOptions>) {
  const steps: GeneratedToken[] = [];
  let summary: GenerationSummary | undefined;
  let error: unknown;
  const all = {
    maxTokens: 20,
    random: seedrandom("t"),
    onEnd: (end: GenerationSummary) => (summary = end),
    ...options,
  };
  try {
    for await (const step of generate(source, [], all)) steps.push(step);
  } catch (thrown) {
    error = thrown;
  }
  return { steps, pieces: steps.map(({ text }) => text), summary: summary!, error };
}

describe("generate's text", () => {
  it("comes in pieces that never split a character and together are the decoded tokens", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(vocabulary.length - 1), { minLength: 1, maxLength: 25 }), async (tokens) => {
        const { pieces, summary } = await read(saying(tokens), { maxTokens: tokens.length });
        expect(pieces.join("")).toBe(textOf(tokens));
        expect(summary).toMatchObject({ text: textOf(tokens), tokens, finishReason: "length", stoppedBy: null });
        for (const piece of pieces) expect(piece).toBe(Buffer.from(piece).toString());
        // U+FFFD stands only for bytes that no later token could complete.
        if (!textOf(tokens).includes("\uFFFD")) expect(pieces.join("")).not.toContain("\uFFFD");
      }),
      { numRuns: 200 },
    );
  });

  it("decodes with any tokenizer that only knows whole sequences, to the same text", async () => {
    const tokens = [0, 4, 5, 2, 3, 1, 6, 7];
    const detokenizer = createDecodingDetokenizer((ids) => textOf(Array.from(ids)));
    const { pieces } = await read(saying(tokens, false), { maxTokens: 8, detokenizer });
    expect(pieces).toEqual(["a", "", "👋", "", "é", " b", "", "漢"]);
  });

  it("loses nothing where a decoder takes something back", () => {
    const words = ["Hello", " world", " .", " Bye", " ."];
    const detokenizer = createDecodingDetokenizer((ids) =>
      Array.from(ids, (id) => words[id]!)
        .join("")
        .replaceAll(" .", "."),
    );
    const loose = createDecodingDetokenizer((ids) =>
      `${Array.from(ids, (id) => words[id]!.trim()).join(" ")} `.replaceAll(" .", "."),
    );
    expect([0, 1, 2, 3, 4].map((id) => detokenizer.push(id))).toEqual(["Hello", " world", ".", " Bye", "."]);
    expect([0, 1, 2, 3, 4].map((id) => loose.push(id)).join("")).toBe("Hello world . Bye . ");
    expect(loose.flush()).toBe("");
  });

  it("ends before a stop string, which may be spread over tokens and characters, and keeps all tokens", async () => {
    const { pieces, summary } = await read(saying([0, 1, 2, 3, 4, 5, 0]), { stop: ["é👋"] });
    expect(pieces.join("")).toBe("a b");
    expect(summary).toMatchObject({ finishReason: "stop", stoppedBy: "é👋", tokens: [0, 1, 2, 3, 4, 5], text: "a b" });
  });

  it("gives out what it held back when the text ends without the stop string", async () => {
    const { pieces, summary } = await read(saying([0, 2, 3]), { maxTokens: 3, stop: ["é👋"] });
    expect(pieces).toEqual(["a", "", "é"]);
    expect(summary.text).toBe("aé");
  });

  it("yields a stop token last and spells it as nothing", async () => {
    const { steps, summary } = await read(saying([0, 1, 0]), { stopTokens: [1] });
    expect(steps.map(({ token, text }) => [token, text])).toEqual([
      [0, "a"],
      [1, ""],
    ]);
    expect(summary).toMatchObject({ finishReason: "stop", stoppedBy: 1, text: "a", tokens: [0, 1] });
  });

  it("is null where nobody can spell, and stop strings are then refused by name", async () => {
    const { summary, pieces } = await read(saying([0, 1], false), { maxTokens: 2 });
    expect(summary.text).toBeNull();
    expect(pieces).toEqual(["", ""]);
    const { error } = await read(saying([0], false), { stop: ["x"] });
    expect(error).toMatchObject({ code: "bad-argument", message: expect.stringContaining("script cannot spell") });
  });
});

describe("generate's end", () => {
  const scheme = gumbel(Key.fromHex("17".repeat(32)), { contextWidth: 2 });
  const flat: LogitSource = {
    name: "flat",
    next: async () => ({ logits: new Float32Array(vocabulary.length) }),
    createDetokenizer: () => createByteDetokenizer({ bytes }),
  };

  it("tells of each position whether it was marked and why not, in the summary and step by step", async () => {
    const { steps, summary } = await read(flat, { scheme, maxTokens: 120 });
    expect(summary.positions).toEqual(steps.map(({ outcome }) => outcome));
    expect(summary.positions.slice(0, 3)).toEqual(["short-context", "short-context", "marked"]);
    expect(summary.outcomes["repeated-context"]).toBeGreaterThan(0);
    expect(Object.values(summary.outcomes).reduce((a, b) => a + b)).toBe(120);
    expect(summary.calls).toBe(120);
  });

  it("keeps what was written when the source fails, and passes the failure on", async () => {
    const failing: LogitSource = {
      ...flat,
      async next(tokens) {
        if (tokens.length === 5) throw new TokenmarkError("network", "gone");
        return saying([0, 1, 0, 1, 2]).next(tokens);
      },
    };
    const { steps, summary, error } = await read(failing, { stop: [" bé!"] });
    expect(error).toMatchObject({ code: "network", message: "gone" });
    expect(steps.length).toBe(5);
    expect(summary).toMatchObject({ finishReason: "failed", tokens: [0, 1, 0, 1, 2], text: "a ba b", calls: 6 });
  });

  it("aborts in the midst of a question, also of a source that does not listen", async () => {
    const controller = new AbortController();
    const deaf: LogitSource = {
      ...flat,
      next: (tokens) => (tokens.length < 3 ? flat.next(tokens) : new Promise(() => {})),
    };
    setTimeout(() => controller.abort(new Error("enough")), 20);
    const { summary, error } = await read(deaf, { signal: controller.signal });
    expect(error).toMatchObject({ code: "aborted", message: "generate: aborted after 3 tokens" });
    expect((error as Error).cause).toMatchObject({ message: "enough" });
    expect(summary).toMatchObject({ finishReason: "aborted" });
    expect(summary.tokens.length).toBe(3);
  });

  it("aborts also where the asking itself aborts and the source never answers", async () => {
    const controller = new AbortController();
    const deaf: LogitSource = {
      ...flat,
      next: () => {
        controller.abort();
        return new Promise(() => {});
      },
    };
    const { error, summary } = await read(deaf, { signal: controller.signal });
    expect(error).toMatchObject({ code: "aborted", message: "generate: aborted after 0 tokens" });
    expect(summary).toMatchObject({ finishReason: "aborted", tokens: [] });
  });

  it("reports the end once, also when the reader leaves the loop", async () => {
    const ends: GenerationSummary[] = [];
    const options = { maxTokens: 50, random: seedrandom("l"), onEnd: (end: GenerationSummary) => void ends.push(end) };
    for await (const { index } of generate(flat, [], options)) if (index === 4) break;
    expect(ends.map(({ finishReason, tokens }) => [finishReason, tokens.length])).toEqual([["aborted", 5]]);
  });
});
