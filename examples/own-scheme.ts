// A scheme of one's own: every token gets a grade of 0 to 3 from the key and the two tokens before it, and higher grades are favoured.
//   node --conditions=@tokenmark/source --import tsx examples/own-scheme.ts [model folder]
import { createHmac } from "node:crypto";
import { pathToFileURL } from "node:url";
import { defineScheme, Key, type WatermarkScheme } from "@tokenmark/core";
import { dtype, modelFolder } from "@tokenmark/demo-model";
import { detectText, explainDetection } from "@tokenmark/detector";
import { createGenerator } from "@tokenmark/transformers";

/** Grades 0, 1, 2, 3 have a quarter of the vocabulary each; a grade's logits gain `delta` times the grade. */
export function graded(key: Key, { delta = 1 }: { readonly delta?: number } = {}): WatermarkScheme {
  const subkey = key.bytes("examples/graded/1", 32); // a label of its own: no other scheme learns from it
  let state = Buffer.alloc(32);
  const grade = (token: number): number => {
    let x = Math.imul(state.readInt32LE(0) ^ token, 0x9e3779b1); // a fast mix a token, behind one keyed step a context
    x = Math.imul(x ^ (x >>> 16) ^ state.readInt32LE(4), 0x7feb352d);
    return (x ^ (x >>> 15)) >>> 30;
  };
  return defineScheme(
    {
      name: "graded",
      context: { width: 2, prompt: "included", missing: "unmarked" },
      repeats: { kind: "contexts", scope: "generated", history: null, counts: "positions" },
      nullLaw: {
        family: "lattice",
        values: Float64Array.of(0, 1, 2, 3),
        probabilities: Float64Array.of(0.25, 0.25, 0.25, 0.25),
      },
      unit: "ngram",
      stage: "before-truncation",
      selects: false,
      needsSampling: false,
      distortionFree: false,
      components: 1,
    },
    {
      seed(tokens, from, count) {
        state = createHmac("sha256", subkey)
          .update(Int32Array.from({ length: count }, (_, i) => tokens[from + i]!))
          .digest();
      },
      score: grade,
      parts: (token, out, at) => out.fill(grade(token), at, at + 1),
      unit: (token, units, at) =>
        units.set([state.readUInt32LE(8), (state.readUInt32LE(12) ^ Math.imul(token, 0x9e3779b1)) >>> 0], at),
      mark(logits, { candidates }) {
        for (let i = 0; i < logits.length; i++) logits[i]! += delta * grade(candidates?.[i] ?? i);
      },
    },
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const scheme = graded(Key.random());
  const generator = await createGenerator(process.argv[2] ?? modelFolder, { dtype, scheme });
  const { text } = await generator.generate("The people of the city", { maxTokens: 200, endTokens: [] });
  console.log(`${text}\n\n${explainDetection(detectText(scheme, text, generator.tokenizer))}`);
}
