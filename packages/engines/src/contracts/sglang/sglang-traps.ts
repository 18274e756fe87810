import type { Trap } from "@tokenmark/core";
import type { EngineText } from "../../contract.ts";
import { firstPositionsMisfit } from "../../misfit/first-positions-misfit.ts";
import { scoresOf } from "../../misfit/scores-of.ts";
import { silentShare } from "../../misfit/silent-share.ts";
import { type SglangSettings, sglangScheme } from "./sglang-scheme.ts";

const SHARES = [0.5, 0.1, 0.2, 0.25, 0.3, 0.4, 0.6, 0.7, 0.75, 0.8, 0.9];

/** The mistakes that are made with SGLang's Gumbel mark, the likeliest first. */
export function sglangTraps(settings: SglangSettings, text: EngineText): readonly Trap[] {
  const { key, keyB, contextWindow, mixingProbability } = settings;
  const traps: Trap[] = [];
  const declared = sglangScheme(settings);
  const scores = scoresOf(declared, text);
  for (const width of widths(contextWindow)) {
    traps.push({
      code: "context-window-mismatch",
      advice: `Ask for the effective context_window of the request, which may be smaller than the server's; ${width} fits.`,
      actual: { context_window: width },
      scheme: sglangScheme({ ...settings, contextWindow: width }),
    });
  }
  if (text.prompt !== null && text.prompt.length > 0) {
    traps.push({
      code: "prompt-ids-misaligned",
      advice: "Ask for the prompt's ids as the server saw them, chat template included; only the first window is lost.",
      actual: { prompt: "other last ids" },
      scheme: declared,
      misfit: firstPositionsMisfit(scores, contextWindow),
      reading: { tokens: text.tokens, start: 0, promptKnown: false },
    });
  }
  if (keyB === null) {
    traps.push({
      code: "dual-key-text-single-key-detector",
      advice:
        "Half of the contexts or more say nothing: the text is predictable, or a second key drew them. Ask for key_b.",
      actual: { key_b: "in use" },
      scheme: declared,
      resemblance: silentShare(scores, 0.5),
    });
    return traps;
  }
  for (const share of SHARES.filter((value) => value !== mixingProbability)) {
    traps.push({
      code: "mixing-probability-mismatch",
      advice: `Ask for the mixing_probability, the share of key A; ${share} fits better.`,
      actual: { mixing_probability: share },
      scheme: sglangScheme({ ...settings, mixingProbability: share }),
    });
  }
  traps.push(
    {
      code: "dual-keys-swapped",
      advice: "Exchange key and key_b: the order goes into the coin too.",
      actual: { keys: "exchanged" },
      scheme: sglangScheme({ ...settings, key: keyB, keyB: key }),
    },
    {
      code: "request-key-replaces-a",
      advice:
        "The text carries key_b but not this key; ask which key the request brought along: it replaces key A only.",
      actual: { key: "another key A", key_b: "alone" },
      scheme: sglangScheme({ ...settings, key: keyB, keyB: null }),
    },
    {
      code: "dual-key-text-single-key-detector",
      advice: "The text carries the first key alone; ask whether key_b was in use at all.",
      actual: { key_b: null },
      scheme: sglangScheme({ ...settings, keyB: null }),
    },
  );
  return traps;
}

function widths(declared: number): readonly number[] {
  const near = [declared - 1, declared + 1, 4, 1, 2, 3, 5, 6, 8];
  return [...new Set(near)].filter((width) => width >= 1 && width <= 64 && width !== declared);
}
