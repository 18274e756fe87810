/** A token's number in its vocabulary. −1 only as padding inside a context: contexts are signed. */
export type TokenId = number;
/** Token ids in reading order. */
export type TokenSequence = ArrayLike<TokenId>;

/**
 * A text with its boundary: `tokens[start…]` was generated; before it lies the prompt, if it is known.
 * With `promptKnown: false` the tokens before `start` (if any) are no part of any context.
 */
export interface MarkedSpan {
  readonly tokens: TokenSequence;
  readonly start: number;
  readonly promptKnown: boolean;
}

/** How the PRF sees the tokens before a position. */
export interface ContextRule {
  /** Preceding tokens, the candidate not counted; 0 for a context-free list. */
  readonly width: number;
  readonly prompt: "included" | "excluded";
  /** What happens where fewer than `width` tokens precede. */
  readonly missing: "unmarked" | "short" | { readonly pad: TokenId };
  /** With `missing: "short"`: fewest preceding tokens that are marked, 0 to `width`. @defaultValue 0 */
  readonly least?: number;
}

/** When a generator leaves a repeated context unmarked. */
export type RepeatRule =
  | { readonly kind: "none" }
  | {
      readonly kind: "contexts";
      /** Whose contexts count as seen: those of generated positions, or those inside the prompt too. */
      readonly scope: "generated" | "all";
      /** How many of the latest entries are remembered; null: all. */
      readonly history: number | null;
      /** What one entry of the history is: every position, or only the marked ones. */
      readonly counts: "positions" | "marked";
      /** At most so many marked positions a sequence. */
      readonly budget?: number;
    };

/** Law of one unit's evidence in text written without this key. Plain data; the stats package owns the mathematics. */
export type NullLaw =
  /** Σ weights[j] · Bernoulli(p), independent: green list (one weight), SynthID (one a layer). */
  | { readonly family: "bernoulli"; readonly p: number; readonly weights: readonly number[] }
  /** Σ weights[j] · Exp(1), independent: Gumbel (one weight), dual key (two). */
  | { readonly family: "exponential"; readonly weights: readonly number[] }
  /** A finite set of values: a discretised hash. */
  | { readonly family: "lattice"; readonly values: Float64Array; readonly probabilities: Float64Array }
  /** Dependent parts: only decoy keys can calibrate it. */
  | { readonly family: "unknown"; readonly why: string };

/** Options of one {@link WatermarkScheme.process} call. */
export interface ProcessOptions {
  /** `candidates[i]` names the token of `logits[i]`; without it `logits[i]` belongs to token i. */
  readonly candidates?: TokenSequence;
  /** Uniform on [0, 1); only schemes that draw a key privately (dual key) ask for it. */
  readonly random?: () => number;
}

/**
 * A watermark: a few pure functions and a law. Embedding and detection call the same PRF with the same context, so they
 * cannot drift apart. Frozen and shared; whatever belongs to one sequence lives in a logits processor made per sequence.
 */
export interface WatermarkScheme {
  readonly name: string;
  readonly context: ContextRule;
  readonly repeats: RepeatRule;
  readonly nullLaw: NullLaw;
  /** What counts once as evidence: a seeding context, or a context with its token. */
  readonly unit: "context" | "ngram";
  /** Where `process` belongs in the sampler: before or after top-k, top-p and min-p. */
  readonly stage: "before-truncation" | "after-truncation";
  /** True if `process` leaves one finite logit (Gumbel) instead of biasing. */
  readonly selects: boolean;
  /** True if the mark lives in the random draw, so that greedy decoding has no place for it. */
  readonly needsSampling: boolean;
  /** Averaged over keys, the next-token law is the model's own (the repeated-context guard being on). */
  readonly distortionFree: boolean;
  /** Parts of one unit's evidence: 1, depth, or 2. */
  readonly components: number;
  /**
   * How many positions `scoreAll` likes to be given at once, where it gains from seeing a context's tokens together (a list that is drawn
   * once for all of them). The scores are the same however a text is cut. Without it: a few thousand, which stay in a core's own cache.
   */
  readonly batch?: number;
  /**
   * Rewrites next-token logits in place.
   *
   * `context` holds the tokens before the position, oldest first; only its last `context.width` entries are read, so the
   * whole history may be passed. If it is shorter than that, `context.missing` says what happens; "unmarked" leaves the
   * logits alone. −Infinity stays −Infinity.
   *
   * @throws TokenmarkError `all-masked` if no logit is finite, `nan-logits` if one is NaN or +Infinity.
   */
  process(logits: Float32Array, context: TokenSequence, options?: ProcessOptions): void;
  /**
   * Only of schemes whose generator leaves some distributions to the model, such as predictable ones: true where `process` would
   * leave these logits alone. Such a position is not marked, so its context is not spent. Never throws: bad logits are not declined,
   * so that `process` refuses them.
   */
  declines?(logits: Float32Array): boolean;
  /**
   * Evidence that `token` was chosen under this key after `context`: Σ weights · components. NaN where the rule marks
   * nothing (too few tokens precede). `context` is read as in `process`.
   */
  score(context: TokenSequence, token: TokenId): number;
  /**
   * The hot path of every detector. For generated token i (`span.tokens[span.start + i]`) `out[i]` becomes its score
   * (NaN: not scoreable) and `units[2i], units[2i+1]` the 64-bit identity of what counts once: of what the PRF saw.
   * Allocation-free; equal to calling `score` at each position. `out.length ≥ n`, `units.length ≥ 2n`.
   */
  scoreAll(span: MarkedSpan, out: Float64Array, units: Uint32Array): void;
  /** The parts, row-major [n × components]: for weights, Bayesian detectors, key shares, heat maps. NaN rows as in `scoreAll`. */
  componentsAll(span: MarkedSpan, out: Float64Array): void;
}

/** What a source answers for one position. */
export interface NextLogits {
  /** Raw (temperature 1) next-token scores, logits or log-probabilities; the caller may write into the array. */
  readonly logits: Float32Array;
  /** Token ids of `logits`; without it they are dense. */
  readonly candidates?: TokenSequence;
}

/** One position of a draft: its scores, and the token that the source itself put there. */
export interface DraftStep extends NextLogits {
  readonly token: TokenId;
}

/** Options of one question to a source. */
export interface SourceCall {
  readonly signal?: AbortSignal;
}

/**
 * Something we ask for next-token scores.
 *
 * @example
 * const source: LogitSource = { name: "bigram", next: async (tokens) => ({ logits: table[tokens.at(-1) ?? 0].slice() }) };
 */
export interface LogitSource {
  readonly name: string;
  next(tokens: readonly TokenId[], options?: SourceCall): Promise<NextLogits>;
  /**
   * Where one question costs more than one position: the scores of up to `count` positions along the source's own greedy
   * continuation. Item 0 belongs to the position after `tokens`, item i to the one after `tokens` and the tokens of the items
   * before it, and each has the scores that `next` would give there. May be shorter than asked, even empty.
   */
  draft?(tokens: readonly TokenId[], count: number, options?: SourceCall): Promise<readonly DraftStep[]>;
  /** Where the source knows what its tokens spell: a detokenizer that stands behind `prompt`. */
  createDetokenizer?(prompt: TokenSequence): Detokenizer;
}

/** Turns tokens into text one at a time. The pieces, concatenated, are the text; none ends inside a character. */
export interface Detokenizer {
  /** The text that this token completes; "" while a character is unfinished, and for special tokens. */
  push(token: TokenId): string;
  /** What is left: U+FFFD for a character that never ended. */
  flush(): string;
}

/** Gives a model's next-token scores along a text that already exists: item i belongs to tokens[0…i]. */
export interface LogitReader {
  read(tokens: TokenSequence): AsyncIterable<Float32Array>;
}

/** Text to token ids; with character offsets where the tokenizer knows them. Structural: any tokenizer will do. */
export interface TextTokenizer {
  /** Ids of the text alone, no special tokens added. */
  encode(text: string): TokenSequence;
  decode(tokens: TokenSequence): string;
  /** offsets[2i], offsets[2i+1]: start and end of token i in UTF-16 units of `text`. */
  encodeWithOffsets?(text: string): { readonly tokens: TokenSequence; readonly offsets: Uint32Array };
}
