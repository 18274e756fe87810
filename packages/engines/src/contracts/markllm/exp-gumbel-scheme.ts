import { TokenmarkError, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import { checkInVocabulary } from "../unigram/check-vocabulary.ts";
import { tokenSum } from "./context-hash.ts";
import { exponentialScheme, type KeyedUniforms } from "./exponential-scheme.ts";
import { refuseMasked } from "./power-draw.ts";
import { drawTable } from "./uniform-row.ts";

/** Most bytes that a table may take: 256 MiB, which is a vocabulary of 5,792 at prefix length 2. */
export const MOST_TABLE_BYTES: number = 2 ** 28;

/** What a MarkLLM EXPGumbel mark is made of. */
export interface ExpGumbelSetting {
  readonly seed: bigint;
  readonly prefixLength: number;
  readonly vocabSize: number;
  readonly temperature: number;
  readonly eps: number;
}

/** The keyed uniforms and the keyed Gumbel noise of EXPGumbel. */
export interface ExpGumbelNoise extends KeyedUniforms {
  /** −ln(−ln u), both logarithms in float32 and clamped at eps. */
  gumbel(token: number): number;
}

/** Bytes of the table of a setting. */
export function tableBytes({ prefixLength, vocabSize }: ExpGumbelSetting): number {
  return 4 * vocabSize * prefixLength * vocabSize;
}

/** Refuses a table that no browser should hold. */
function checkTable(setting: ExpGumbelSetting): void {
  const { prefixLength, vocabSize } = setting;
  const bytes = tableBytes(setting);
  if (bytes > MOST_TABLE_BYTES) {
    throw new TokenmarkError(
      "bad-config",
      `vocab_size: wanted a table of at most ${MOST_TABLE_BYTES / 2 ** 20} MiB (4·V·h·V bytes), got ${Math.ceil(bytes / 2 ** 20)} MiB for V = ${vocabSize}, h = ${prefixLength}`,
    );
  }
}

/**
 * EXPGumbel's table: V·h rows of V uniforms from one torch stream, the row being the *sum* of the last h tokens. Drawn at first use.
 *
 * @throws TokenmarkError `bad-config` if the table would pass {@link MOST_TABLE_BYTES}; `vocabulary-mismatch` for tokens beyond it.
 */
export function expGumbelNoise(setting: ExpGumbelSetting): ExpGumbelNoise {
  checkTable(setting);
  const { seed, prefixLength, vocabSize, eps } = setting;
  const floor = Math.fround(eps);
  const seedLow32 = Number(BigInt.asUintN(32, seed));
  let table: Float32Array | null = null;
  let row = 0;

  function uniform(token: number): number {
    checkInVocabulary(token, vocabSize);
    table ??= drawTable(seedLow32, vocabSize * prefixLength * vocabSize);
    return Math.max(table[row * vocabSize + token]!, floor);
  }

  return {
    seed(tokens: TokenSequence, from: number, count: number) {
      for (let i = from; i < from + count; i++) checkInVocabulary(tokens[i]!, vocabSize);
      row = tokenSum(tokens, from, count);
    },
    uniform,
    identity: () => row,
    gumbel(token) {
      const inner = Math.max(Math.fround(-Math.fround(Math.log(uniform(token)))), floor);
      return Math.fround(-Math.fround(Math.log(inner)));
    },
  };
}

/** The engine's processor: logits / temperature + Gumbel noise, in float32, into `out`; tokens beyond the table become −Infinity. */
export function expGumbelScores(
  noise: ExpGumbelNoise,
  { temperature, vocabSize }: ExpGumbelSetting,
  logits: Float32Array,
  candidates: TokenSequence | undefined,
  out: Float32Array,
): void {
  const divisor = Math.fround(temperature);
  for (let i = 0; i < logits.length; i++) {
    const token = candidates === undefined ? i : candidates[i]!;
    out[i] = token < vocabSize ? Math.fround(logits[i]! / divisor) + noise.gumbel(token) : Number.NEGATIVE_INFINITY;
  }
}

/**
 * MarkLLM's EXPGumbel as a scheme. `process` divides by the temperature itself, as the engine's processor does: give it
 * raw logits.
 */
export function expGumbelScheme(name: string, setting: ExpGumbelSetting): WatermarkScheme {
  const noise = expGumbelNoise(setting);
  return exponentialScheme(name, setting.prefixLength, noise, {
    stage: "before-truncation",
    mark(logits, { candidates }) {
      const tokenAt = (i: number): number => (candidates === undefined ? i : candidates[i]!);
      let inside = false;
      for (let i = 0; i < logits.length && !inside; i++) {
        inside = tokenAt(i) < setting.vocabSize && logits[i] !== Number.NEGATIVE_INFINITY;
      }
      if (!inside) refuseMasked(setting.vocabSize);
      expGumbelScores(noise, setting, logits, candidates, logits);
      let winner = 0;
      for (let i = 1; i < logits.length; i++) {
        if (logits[i]! > logits[winner]! || (logits[i] === logits[winner] && tokenAt(i) < tokenAt(winner))) winner = i;
      }
      logits.fill(Number.NEGATIVE_INFINITY);
      logits[winner] = 0;
    },
  });
}
