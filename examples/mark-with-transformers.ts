// Marks what transformers.js writes: one option more in `model.generate`, nothing else changes.
//   node --conditions=@tokenmark/source --import tsx examples/mark-with-transformers.ts [model folder]
import { AutoModelForCausalLM, AutoTokenizer } from "@huggingface/transformers";
import { gumbel, Key } from "@tokenmark/core";
import { dtype, modelFolder } from "@tokenmark/demo-model";
import { detectText, explainDetection } from "@tokenmark/detector";
import { watermarkProcessor, wrapTokenizer } from "@tokenmark/transformers";

const folder = process.argv[2] ?? modelFolder;
const tokenizer = await AutoTokenizer.from_pretrained(folder);
const model = await AutoModelForCausalLM.from_pretrained(folder, { dtype });

// In earnest the key is made once (tokenmark keygen) and kept where secrets are kept.
const scheme = gumbel(Key.random());

// top_k: 0, since the host's default of 50 would cut after the mark. Without an end token the text has its full length.
const generation = { do_sample: true, temperature: 0.9, top_k: 0, max_new_tokens: 200, eos_token_id: null };
const inputs = tokenizer("The people of the city");
const output = await model.generate({
  ...inputs,
  ...generation,
  logits_processor: watermarkProcessor(scheme, { generation }), // the mark
} as unknown as Parameters<typeof model.generate>[0]);

const written = (output as unknown as { tolist(): bigint[][] })
  .tolist()[0]!
  .slice(inputs.input_ids.dims[1])
  .map(Number);
const text = tokenizer.decode(written, { skip_special_tokens: true });
console.log(text);

// Whoever has the key and the tokenizer finds the mark, from the text alone.
const { vocab_size } = model.config as unknown as { vocab_size: number };
const reader = await wrapTokenizer(tokenizer as unknown as Parameters<typeof wrapTokenizer>[0], {
  name: "my model",
  vocabularySize: vocab_size,
});
console.log(`\n${explainDetection(detectText(scheme, text, reader))}`);
