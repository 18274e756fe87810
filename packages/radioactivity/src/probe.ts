import { TokenmarkError, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import { createUnitSet, type UnitSet } from "@tokenmark/detector";
import { type ClusterTally, sumClusters, type Tally } from "./tally.ts";

/** A text with a token to score at some of its positions: the student's prediction, or the token that stands there. */
export interface ProbeRow {
  /** Prompt and text. */
  readonly tokens: Int32Array;
  /** Where the prompt ends. */
  readonly start: number;
  /** candidates[i] belongs to position start + i; below 0: nothing to score. */
  readonly candidates: TokenSequence;
}

/** Rows laid out once, to be scored under as many keys as a test needs. */
export interface Probe {
  /** Rows that hold anything at all. */
  readonly rows: number;
  /** Sums the evidence of unique units under one key. */
  tally(scheme: WatermarkScheme): Tally;
}

/** A row with its (context, candidate) pairs as texts of their own, one after the other, so that any scheme scores them with its hot path. */
interface LaidRow extends ProbeRow {
  readonly pairs: Int32Array;
  readonly count: number;
}

/** Buffers that all rows share. */
interface Buffers {
  readonly scores: Float64Array;
  readonly units: Uint32Array;
  readonly ownScores: Float64Array;
  readonly ownUnits: Uint32Array;
}

function layRow(row: ProbeRow, width: number): LaidRow {
  const { tokens, start, candidates } = row;
  const block = width + 1;
  const count = tokens.length - start;
  const pairs = new Int32Array(count * block);
  for (let i = 0; i < count; i++) {
    const from = start + i - width;
    for (let k = 0; k < width; k++) pairs[i * block + k] = tokens[Math.max(0, from + k)]!;
    pairs[i * block + width] = Math.max(0, candidates[i]!);
  }
  return { ...row, pairs, count };
}

/**
 * Lays rows out for schemes of one context width.
 *
 * A unit is a unique pair of PRF input and token over all rows, and counts only where its PRF input occurs for the first time in its own
 * prompt and text. Without that rule a clean student that copies an earlier n-gram of a marked text looks guilty (Sander et al. 2024,
 * section 4, leave such windows out). Under the null, where the student never saw text of this key, the PRF's answers at what is left are
 * fresh, whatever the student does.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function createProbe(rows: readonly ProbeRow[], contextWidth: number): Probe {
  rows.forEach(({ tokens, start, candidates }, i) => {
    if (candidates.length === tokens.length - start) return;
    throw new TokenmarkError(
      "bad-argument",
      `rows[${i}]: wanted one candidate a token of the text (${tokens.length - start}), got ${candidates.length}`,
    );
  });
  const laid = rows.map((row) => layRow(row, contextWidth));
  const longest = Math.max(0, ...laid.map(({ pairs, tokens }) => Math.max(pairs.length, tokens.length)));
  const buffers: Buffers = {
    scores: new Float64Array(longest),
    units: new Uint32Array(2 * longest),
    ownScores: new Float64Array(longest),
    ownUnits: new Uint32Array(2 * longest),
  };
  return Object.freeze({
    rows: laid.filter(({ count }) => count > 0).length,
    tally(scheme: WatermarkScheme): Tally {
      if (scheme.context.width !== contextWidth) {
        throw new TokenmarkError(
          "bad-argument",
          `scheme: wanted a context width of ${contextWidth}, got ${scheme.context.width}`,
        );
      }
      const counted = createUnitSet();
      const left = { positions: 0, copied: 0, repeated: 0 };
      const clusters = laid.map((row) => tallyRow(scheme, row, counted, left, buffers));
      return sumClusters(clusters, left);
    },
  });
}

function tallyRow(
  scheme: WatermarkScheme,
  row: LaidRow,
  counted: UnitSet,
  left: { positions: number; copied: number; repeated: number },
  { scores, units, ownScores, ownUnits }: Buffers,
): ClusterTally {
  const { tokens, start, candidates, pairs, count } = row;
  const { width, prompt } = scheme.context;
  const block = width + 1;
  scheme.scoreAll({ tokens: pairs, start: 0, promptKnown: true }, scores, units);
  scheme.scoreAll({ tokens, start: 0, promptKnown: true }, ownScores, ownUnits);
  // Contexts of a scheme that leaves the prompt out do not reach into it.
  const first = prompt === "excluded" ? start + width : width;
  const met = createUnitSet();
  met.reserve(tokens.length);
  let tokensScored = 0;
  let statistic = 0;
  for (let i = 0; i < tokens.length; i++) {
    const at = (i - start) * block + width;
    if (i >= start) {
      left.positions++;
      const candidate = candidates[i - start]!;
      if (i >= first && candidate >= 0 && !Number.isNaN(scores[at]!)) {
        const low = units[2 * at]!;
        const high = units[2 * at + 1]!;
        if (met.has(low, high)) left.copied++;
        else if (counted.add(withToken(low, candidate), high)) {
          tokensScored++;
          statistic += scores[at]!;
        } else left.repeated++;
      }
    }
    if (!Number.isNaN(ownScores[i]!)) met.add(ownUnits[2 * i]!, ownUnits[2 * i + 1]!);
  }
  return count === 0 ? { tokensScored: 0, statistic: 0 } : { tokensScored, statistic };
}

/** An identity of a context with a token: two predictions behind one context are two answers of the PRF. One multiply keeps low words apart. */
const withToken = (low: number, token: number): number => (low + Math.imul(token + 1, 0x9e3779b1)) | 0;
