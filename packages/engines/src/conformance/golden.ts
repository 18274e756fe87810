/** A value of a golden file. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
/** An object of a golden file. */
export type JsonObject = Readonly<Record<string, Json>>;

/** How close floats must come; without one everything must be equal. */
export interface Tolerance {
  readonly rel?: number;
  readonly abs?: number;
  readonly exact?: boolean;
  /** "probability": compare exp of both sides. */
  readonly space?: string;
  /** For sums of scores, where `rel` is for p. */
  readonly score_rel?: number;
  readonly scores_abs?: number;
  readonly posterior_abs?: number;
  /** Fields that must be identical all the same. */
  readonly exact_fields?: readonly string[];
  /** Fields whose float32 values must be identical; `*` stands for anything. */
  readonly float32Fields?: readonly string[];
  readonly comment?: string;
}

/** One case: inputs, and what the reference gave for them. */
export interface GoldenCase {
  readonly id: string;
  readonly op: string;
  readonly source?: string;
  readonly params: JsonObject;
  readonly input: JsonObject;
  readonly output: Json;
  /** Answers that one file keeps beside its output; compared as `output.seeds`. */
  readonly seeds?: Json;
  readonly tolerance?: Tolerance;
  readonly exact?: boolean;
}

/** The part of a case that an operation may see: everything but the answer. */
export type GoldenQuestion = Pick<GoldenCase, "id" | "source" | "params" | "input"> & {
  /** What an operation's `asked` took from the output because files keep a part of the question there. */
  readonly asked?: Json;
};

/** Recomputes the output of every case of one `op`. */
export interface Operation {
  readonly op: string;
  /** Tells operations of one name apart by the shape of the question. */
  applies?(question: GoldenQuestion): boolean;
  /** The part of an output that asks rather than answers, such as which calls were made; nothing else of it may be looked at. */
  asked?(output: Json): Json;
  /** The whole output; NaN and infinities as numbers. */
  run(question: GoldenQuestion): unknown;
  /** Leaves that may come back as `NOT_DERIVABLE`, as field paths with `*` for any name or index, and why. */
  readonly informational?: Readonly<Record<string, string>>;
}
