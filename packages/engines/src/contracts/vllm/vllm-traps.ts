import { Key, type Trap } from "@tokenmark/core";
import { logNormalUpperTail } from "@tokenmark/stats";
import type { EngineText } from "../../contract.ts";
import { firstPositionsMisfit } from "../../misfit/first-positions-misfit.ts";
import { scoresOf } from "../../misfit/scores-of.ts";
import { sglangScheme } from "../sglang/sglang-scheme.ts";
import { deriveKeys, hmacPrf, philoxPrf, premergePrf, type VllmPrf } from "./vllm-prf.ts";
import { type VllmSetting, vllmGumbelScheme } from "./vllm-scheme.ts";

const WIDTHS = [4, 1, 2, 3, 5, 8, 16];
const SHARES = [0.1, 0.2, 0.5, 0.05, 0.25, 0.3, 0.4, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95];
/** Lengths of a prompt, or of what is left of one, that may be glued to a completion. */
const GLUED = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 20, 24, 32];

type Make = (key: bigint) => VllmSetting;

function widthTraps(name: string, setting: VllmSetting): readonly Trap[] {
  const { contextWidth } = setting;
  const widths = new Set([contextWidth - 1, contextWidth + 1, ...WIDTHS]);
  return [...widths]
    .filter((width) => width >= 1 && width !== contextWidth)
    .map((width) => ({
      code: "context-width-mismatch",
      advice: `The context has ${width} tokens, not ${contextWidth}; the width goes into the hash, so a wrong one shows nothing.`,
      actual: { context_width: width },
      scheme: vllmGumbelScheme(name, { ...setting, contextWidth: width }),
    }));
}

/** The eight bytes of a key in the other order. */
export function swapBytes(key: bigint): bigint {
  let swapped = 0n;
  for (let i = 0n; i < 8n; i++) swapped = (swapped << 8n) | ((key >> (8n * i)) & 0xffn);
  return swapped;
}

/** The two words of a key in the other order. */
export function swapWords(key: bigint): bigint {
  return ((key & 0xffffffffn) << 32n) | (key >> 32n);
}

function keyTraps(name: string, key: bigint, make: Make): readonly Trap[] {
  const orders = [
    [
      "key-word-order",
      "The key's two 32-bit words are in the other order: the low one is Philox's first.",
      swapWords(key),
    ],
    ["key-byte-order", "The key's eight bytes are in the other order.", swapBytes(key)],
  ] as const;
  return orders
    .filter(([, , other]) => other !== key)
    .map(([code, advice, other]) => ({
      code,
      advice,
      actual: { key: "in the other order" },
      scheme: vllmGumbelScheme(name, make(other)),
      key: Key.fromEngine({ key: other.toString() }),
    }));
}

/** What may be wrong with the ids: glued prompt, missing start, another tokenizer. */
function readingTraps(name: string, setting: VllmSetting, text: EngineText): readonly Trap[] {
  const scheme = vllmGumbelScheme(name, setting);
  const misfit = firstPositionsMisfit(scoresOf(scheme, text), setting.contextWidth);
  const traps: Trap[] = GLUED.filter((start) => start < text.tokens.length / 2).map((start) => ({
    code: "prompt-included",
    advice: `The first ${start} ids are not of the completion: give the completion alone, its contexts begin with it.`,
    actual: { completion_starts_at: start },
    scheme,
    reading: { tokens: Array.prototype.slice.call(text.tokens, start), start: 0, promptKnown: true },
  }));
  for (const offset of [1, -1]) {
    const shifted = Array.from(text.tokens, (token: number) => token - offset);
    if (shifted.some((token) => token < 0 || token > 0x7fffffff)) continue;
    traps.push({
      code: "tokenizer-id-shift",
      advice: `All ids are off by ${offset}: use the deployer's tokenizer, or take its added tokens into account.`,
      actual: { id_offset: offset },
      scheme,
      reading: { tokens: shifted, start: 0, promptKnown: true },
    });
  }
  traps.push(
    {
      code: "first-tokens-missing",
      advice: "The first tokens score like noise: ask for the completion from its first token on.",
      actual: { missing_tokens: "some" },
      scheme,
      misfit,
    },
    {
      code: "first-width-tokens-unmarked",
      advice: "The first tokens score like noise, as the scope all leaves them: ask for deduplicate_contexts.",
      actual: { deduplicate_contexts: "all" },
      scheme,
      misfit,
    },
  );
  return traps;
}

function prfTraps(name: string, setting: VllmSetting, key: bigint): readonly Trap[] {
  const early: readonly (readonly [code: string, what: string, make: (key: bigint) => VllmPrf])[] = [
    ["premerge-philox", "the Philox mapping of an early head", premergePrf],
    ["hmac-prf", "the HMAC PRF of early heads", hmacPrf],
  ];
  return early.map(([code, what, make]) => ({
    code,
    advice: `The server ran ${what} of the pull request: ask for vLLM's version.`,
    actual: { prf: code },
    scheme: vllmGumbelScheme(name, { ...setting, prf: make(key) }),
  }));
}

/** The mistakes that are made with vLLM's `gumbel`, the likeliest first. */
export function singleTraps(name: string, setting: VllmSetting, key: bigint, text: EngineText): readonly Trap[] {
  const [a, b] = deriveKeys(key);
  const dual = { ...setting, prf: philoxPrf(a), second: { prf: philoxPrf(b), alpha: 0.1 } };
  return [
    ...widthTraps(name, setting),
    {
      code: "dual-key-text-single-key-detector",
      advice: "The text is of dual_key_gumbel, whose two keys are derived from this one: use its contract.",
      actual: { algorithm: "dual_key_gumbel", alpha: 0.1 },
      scheme: vllmGumbelScheme(name, dual),
    },
    ...keyTraps(name, key, (other) => ({ ...setting, prf: philoxPrf(other) })),
    ...readingTraps(name, setting, text),
    ...prfTraps(name, setting, key),
    {
      code: "wrong-engine",
      advice: "The text carries SGLang's mark under the same 64 bits: use its contract.",
      actual: { engine: "sglang" },
      scheme: sglangScheme({
        key: key.toString(16),
        keyB: null,
        contextWindow: Math.min(64, setting.contextWidth),
        mixingProbability: 0.5,
        maxProbability: 1,
        maxContexts: 4096,
      }),
    },
    {
      code: "dual-key-detected-with-derived-key-a-only",
      advice:
        "A valid test; but if this key is the first of two derived ones, ask for the master key: the second one's tokens only dilute.",
      actual: { algorithm: "dual_key_gumbel", alpha: 0.1 },
      scheme: vllmGumbelScheme(name, setting),
      // Nothing in the text speaks for it or against it.
      resemblance: 0.5,
    },
  ];
}

/** The mistakes that are made with vLLM's `dual_key_gumbel`. */
export function dualTraps(name: string, setting: VllmSetting, master: bigint, text: EngineText): readonly Trap[] {
  const { alpha } = setting.second!;
  const withAlpha = (share: number): VllmSetting => ({ ...setting, second: { ...setting.second!, alpha: share } });
  const forKey = (key: bigint): VllmSetting => {
    const [a, b] = deriveKeys(key);
    return { ...setting, prf: philoxPrf(a), second: { prf: philoxPrf(b), alpha } };
  };
  const { share, misfit } = shareOfB(name, setting, text);
  const usual = [alpha, ...SHARES].sort((x, y) => Math.abs(x - share) - Math.abs(y - share))[0]!;
  return [
    {
      code: "dual-key-alpha-swapped",
      advice: "α is the share of key B here; TextSeal's mixing_alpha and SGLang's mixing_probability are key A's.",
      actual: { alpha: 1 - alpha === 0.1 ? 0.1 : Number((1 - alpha).toPrecision(12)) },
      scheme: vllmGumbelScheme(name, withAlpha(Number((1 - alpha).toPrecision(12)))),
    },
    ...widthTraps(name, setting),
    ...keyTraps(name, master, forKey),
    ...readingTraps(name, setting, text),
    // Another share near the true one may have the smaller p by its weights alone, so none is tried where the declared one is the nearest.
    ...(usual === alpha
      ? []
      : [
          {
            code: "dual-key-alpha-mismatch",
            advice: `Key B decided about ${(100 * share).toFixed(0)} % of the positions: the p-value stays right, but ${usual} would have more power. With speculative decoding the share is the rejection share.`,
            actual: { alpha: usual },
            scheme: vllmGumbelScheme(name, withAlpha(usual)),
            misfit,
            // The text's own scores chose it.
            chosenFrom: SHARES.filter((value) => value !== alpha).length,
          },
        ]),
    {
      code: "single-key-text-dual-key-detector",
      advice: "The text is of gumbel under this very key: use its contract.",
      actual: { algorithm: "gumbel" },
      scheme: vllmGumbelScheme(name, { ...setting, prf: philoxPrf(master), second: null }),
    },
  ];
}

/** Key B's share of what both keys say beyond noise, and the p-value (normal) of the declared share given that. */
function shareOfB(
  name: string,
  setting: VllmSetting,
  text: EngineText,
): { readonly share: number; readonly misfit: number } {
  const { alpha } = setting.second!;
  const parts = new Float64Array(2 * text.tokens.length);
  vllmGumbelScheme(name, setting).componentsAll({ tokens: text.tokens, start: 0, promptKnown: true }, parts);
  let [a, b, sum, squares] = [0, 0, 0, 0];
  for (let i = 0; i < parts.length; i += 2) {
    const [excessA, excessB] = [parts[i]! - 1, parts[i + 1]! - 1];
    if (Number.isNaN(excessA)) continue;
    a += excessA;
    b += excessB;
    const x = (1 - alpha) * excessB - alpha * excessA;
    sum += x;
    squares += x * x;
  }
  const share = a + b > 0 ? Math.min(1, Math.max(0, b / (a + b))) : alpha;
  const misfit = squares > 0 ? Math.min(1, 2 * Math.exp(logNormalUpperTail(Math.abs(sum) / Math.sqrt(squares)))) : 1;
  return { share, misfit };
}
