import { gumbel, type LogitSource, type TokenSequence } from "@tokenmark/core";
import { createToySource, testKey } from "@tokenmark/testkit";
import { describe, expect, it } from "vitest";
import {
  askAnswers,
  askPredictions,
  closedProbe,
  encodeAnswers,
  openProbe,
  type Transcript,
  testTally,
} from "../src/index.ts";

const VOCABULARY = 200;
const scheme = gumbel(testKey("the teacher's"), { contextWidth: 1 });
const clean = createToySource({ seed: "student", vocabularySize: VOCABULARY });
/** Scores that lean to what the key prefers: all that a server would show of a student that learnt the mark. */
const trained: LogitSource = {
  name: "trained",
  async next(tokens) {
    const logits = clean.logitsAfter(tokens);
    for (let token = 0; token < VOCABULARY; token++) logits[token]! += scheme.score(tokens.slice(-1), token);
    return { logits };
  },
};
const prompts: TokenSequence[] = Array.from({ length: 12 }, (_, i) => [i, 3 * i, 5 * i]);
const write = (student: LogitSource, seed = "ask") => askAnswers(student, prompts, { maxTokens: 40, seed });
const log10P = (probe: ReturnType<typeof closedProbe>): number => testTally(scheme, probe.tally(scheme)).log10PValue;

describe("a student behind any source of scores", () => {
  it("is found in closed mode by what it writes if it learnt the mark, and not if it is clean", async () => {
    expect(log10P(closedProbe(await write(trained), 1))).toBeLessThan(-6);
    expect(log10P(closedProbe(await write(clean), 1))).toBeGreaterThan(-3);
  });

  it("is found in open mode by its answer at every position", async () => {
    const transcripts: Transcript[] = await write(clean, "transcripts");
    const probeOf = async (student: LogitSource) => {
      const predictions = [];
      for (const transcript of transcripts) predictions.push(await askPredictions(student, transcript));
      return openProbe(transcripts, predictions, 1);
    };
    expect(log10P(await probeOf(trained))).toBeLessThan(-6);
    expect(log10P(await probeOf(clean))).toBeGreaterThan(-3);
  });

  it("writes the same under the same seed, ends at a stop token and when it is interrupted", async () => {
    const [first, ...others] = await write(clean);
    expect([first, ...others]).toEqual(await write(clean));
    expect(await write(clean, "another")).not.toEqual([first, ...others]);
    const stop = first!.tokens[5]!;
    const [cut] = await askAnswers(clean, prompts.slice(0, 1), { maxTokens: 40, seed: "ask", stopTokens: [stop] });
    expect(Array.from(cut!.tokens)).toEqual(
      Array.from(first!.tokens).slice(0, Array.from(first!.tokens).indexOf(stop) + 1),
    );
    const signal = AbortSignal.abort();
    await expect(askAnswers(clean, prompts, { maxTokens: 4, seed: "s", signal })).rejects.toMatchObject({
      code: "aborted",
    });
  });
});

it("texts become answers by the mark's tokenizer, prompt and text each", () => {
  const tokenizer = { encode: (text: string) => Array.from(text, (character) => character.codePointAt(0)!) };
  expect(encodeAnswers([{ promptText: "A", text: "bc" }], tokenizer)).toEqual([{ prompt: [65], tokens: [98, 99] }]);
});
