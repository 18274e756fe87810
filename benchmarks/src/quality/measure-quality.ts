import type { TextModel } from "../models/text-model.ts";
import type { QualityRow } from "../survival/results.ts";
import type { WrittenTexts } from "../survival/written-texts.ts";
import { bootstrapMean } from "./bootstrap-mean.ts";
import { distinctShare } from "./ngrams.ts";
import { readSurprise, type Surprise } from "./read-perplexity.ts";
import { selfBleu } from "./self-bleu.ts";
import { hasLoop } from "./text-loops.ts";

const NGRAM_ORDERS = [1, 2, 3] as const;

async function surprises(reader: TextModel | null, writer: TextModel, written: WrittenTexts): Promise<Surprise[]> {
  const out: Surprise[] = [];
  if (reader === null) return out;
  for (const { prompt, tokens } of written.texts) {
    const surprise = await readSurprise(reader, prompt, writer.tokenizer.decode(tokens));
    if (surprise !== null) out.push(surprise);
  }
  return out;
}

/** Measures what a scheme's mark costs the texts of one model and seed. Intervals are over texts. */
export async function measureQuality(
  model: TextModel,
  judge: TextModel | null,
  written: WrittenTexts,
  row: Pick<QualityRow, "model" | "scheme" | "seed">,
): Promise<QualityRow> {
  const bootstrapSeed = `quality/${row.model}/${row.scheme}/${row.seed}`;
  const own = await surprises(model, model, written);
  const judged = await surprises(judge, model, written);
  const mean = (values: readonly number[], transform?: (mean: number) => number) =>
    values.length === 0 ? null : bootstrapMean(values, bootstrapSeed, transform);
  const tokens = written.texts.map((text) => text.tokens);
  return {
    ...row,
    texts: tokens.length,
    ownPerplexity: mean(
      own.map(({ natsPerToken }) => natsPerToken),
      Math.exp,
    ),
    judgeBitsPerByte: mean(judged.map(({ bitsPerByte }) => bitsPerByte)),
    judgePerplexity: mean(
      judged.map(({ natsPerToken }) => natsPerToken),
      Math.exp,
    ),
    distinct: NGRAM_ORDERS.map((n) =>
      bootstrapMean(
        tokens.map((ids) => distinctShare(ids, n)),
        bootstrapSeed,
      ),
    ),
    selfBleu: bootstrapMean(
      written.answers.map((answers) => selfBleu(answers.map((answer) => answer.tokens))),
      bootstrapSeed,
    ),
    loopRate: { count: tokens.filter(hasLoop).length, texts: tokens.length },
  };
}
