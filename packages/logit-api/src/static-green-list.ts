import {
  checkProfileKey,
  createScheme,
  type Key,
  type Profile,
  parseProfile,
  type SchemeRegistry,
  type TokenId,
  TokenmarkError,
} from "@tokenmark/core";

/** Options of {@link staticGreenList}. */
export interface StaticGreenListOptions {
  /** The temperature that the request will ask for: servers add a bias before they divide by it. @defaultValue 1 */
  readonly temperature?: number;
  /** Tokens to leave as they are: the end tokens, which a bias would make more or less likely. @defaultValue none */
  readonly exclude?: readonly TokenId[];
  /** Further schemes that a profile may name. */
  readonly registry?: SchemeRegistry;
}

/** One request's bias, and what it cannot do. */
export interface StaticGreenList {
  /** For `logit_bias` as an object, as OpenAI and vLLM take it: id to bias. */
  readonly map: Readonly<Record<string, number>>;
  /** For `logit_bias` as pairs, as llama.cpp takes it too. */
  readonly pairs: readonly (readonly [token: TokenId, bias: number])[];
  /** For people: what such a mark is not. */
  readonly limits: readonly string[];
}

/** vLLM and OpenAI cut off what is above. */
const LARGEST_BIAS = 100;

const LIMITS: readonly string[] = [
  "The list is the same in every context, so whoever collects enough marked text can learn it, remove it and forge it.",
  "Every occurrence is biased: there is no guard for repeated contexts, and the model's law is bent for the same words always.",
  "Each distinct token counts once as evidence, so a long text gains little over its vocabulary.",
  "The server must apply the bias before it samples and must not limit its number: llama.cpp and vLLM take tens of thousands, OpenAI few.",
];

/**
 * The context-free mark of a profile as one `logit_bias`, for servers that give no scores: a single ordinary request writes marked
 * text, which `detect` finds under the same profile.
 *
 * @param profile A profile whose scheme needs no context and adds a bias: `unigram`, or an engine's such contract (with `registry`).
 * @throws TokenmarkError `bad-argument` for other schemes, `key-mismatch`, `bad-profile`, `bad-config`.
 */
export function staticGreenList(profile: Profile, key: Key, options: StaticGreenListOptions = {}): StaticGreenList {
  const { temperature = 1, exclude = [], registry } = options;
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    throw new TokenmarkError("bad-argument", `temperature: wanted a number above 0, got ${temperature}`);
  }
  const further = registry === undefined ? {} : { registry };
  const published = parseProfile(profile, further);
  checkProfileKey(published, key);
  const scheme = createScheme(published.scheme, key, further);
  if (scheme.context.width !== 0 || scheme.selects || scheme.needsSampling) {
    throw new TokenmarkError(
      "bad-argument",
      `profile.scheme: wanted one that adds a bias without looking at the context (unigram), got ${scheme.name}`,
    );
  }
  const logits = new Float32Array(published.tokenizer.vocabularySize);
  scheme.process(logits, []);
  let green = 0;
  for (let token = 0; token < logits.length; token++) if (logits[token]! > 0) green++;
  // Raising the green tokens or lowering the others is the same law; the shorter list goes over the wire.
  const raise = green <= logits.length - green;
  const delta = logits.reduce((max, value) => Math.max(max, value), 0) * temperature;
  if (delta > LARGEST_BIAS) {
    throw new TokenmarkError(
      "bad-argument",
      `delta: wanted at most ${LARGEST_BIAS} after multiplication by the temperature, which is what servers accept, got ${delta}`,
    );
  }
  const left = new Set(exclude);
  const pairs: [TokenId, number][] = [];
  for (let token = 0; token < logits.length; token++) {
    if (logits[token]! > 0 === raise && !left.has(token)) pairs.push([token, raise ? delta : -delta]);
  }
  return Object.freeze({ map: Object.freeze(Object.fromEntries(pairs)), pairs, limits: LIMITS });
}
