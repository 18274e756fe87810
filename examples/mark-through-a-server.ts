// Marks text through an inference server that knows nothing of watermarks: it gives scores, the key stays here.
//   llama-server -m model.gguf --port 8080
//   node --conditions=@tokenmark/source --import tsx examples/mark-through-a-server.ts http://127.0.0.1:8080 "Once upon a time"
import { cryptoRandom, type GenerationSummary, generate, gumbel, Key } from "@tokenmark/core";
import { detectTokens } from "@tokenmark/detector";
import { connect, probe } from "@tokenmark/logit-api";

const [baseURL = "http://127.0.0.1:8080", text = "Once upon a time"] = process.argv.slice(2);
const source = await connect({ baseURL, ...(process.env.API_KEY ? { apiKey: process.env.API_KEY } : {}) });
const { usable, verdict } = await probe(source);
console.error(`${source.name}: ${verdict}`);
if (!usable) process.exit(2);

const scheme = gumbel(process.env.TOKENMARK_KEY ? Key.fromHex(process.env.TOKENMARK_KEY) : Key.random());
const prompt = await source.encode(text);
const { endTokens } = await source.facts();
let end: GenerationSummary | undefined;
const options = {
  scheme,
  maxTokens: 120,
  temperature: 0.8,
  stopTokens: endTokens,
  random: cryptoRandom(),
  onEnd: (summary: GenerationSummary) => {
    end = summary;
  },
};
for await (const { text: piece } of generate(source, prompt, options)) process.stdout.write(piece);

// The ids are at hand, so the detector need not tokenise again.
const { tokens, calls, outcomes } = end!;
const found = detectTokens(scheme, [...prompt, ...tokens], { start: prompt.length, promptKnown: true });
console.log(`\n\n${tokens.length} tokens in ${calls} round trips, ${outcomes.marked ?? 0} of them marked`);
console.log(`${found.verdict}, log10 p = ${found.log10PValue.toFixed(1)}`);
