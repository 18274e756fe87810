import { type AnySchemeConfig, parseSchemeConfig, type WatermarkScheme } from "@tokenmark/core";
import { type EngineContract, engineContracts, engineRegistry, isKeyless } from "@tokenmark/engines";
import { createAuditPlan, hasKnownLaw, type Predictions, runAudit, type Transcript } from "@tokenmark/radioactivity";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { checkKeyed, wrongScheme, wrongSchemeOf } from "../src/audit/plan-keys.ts";

const IDS = 1000;
/** A prime above the ids in use: some engines' seeds are reduced by it. */
const VOCABULARY = 1031;

const ours: readonly AnySchemeConfig[] = [
  { scheme: "kgw", gamma: 0.25, delta: 2, seeding: "lefthash", contextWidth: 1 },
  { scheme: "kgw", gamma: 0.25, delta: 2, seeding: "selfhash", contextWidth: 4 },
  { scheme: "unigram", gamma: 0.5, delta: 2 },
  { scheme: "gumbel", contextWidth: 2 },
  { scheme: "dual-gumbel", contextWidth: 2, shareB: 0.2 },
  { scheme: "synthid", depth: 30, leaves: 2, contextWidth: 2 },
];
const configOf = ({ id, parameters }: EngineContract): AnySchemeConfig => {
  const vocabulary = parameters.vocab_size === undefined ? {} : { vocab_size: VOCABULARY };
  return parseSchemeConfig({ scheme: id, ...vocabulary } as AnySchemeConfig, { registry: engineRegistry });
};
const theirs = engineContracts.filter((contract) => !isKeyless(contract)).map(configOf);

/** What a reader predicts along texts that takes with a probability the one of eight tokens that a mark likes best. */
function predictionsOf(scheme: WatermarkScheme, transcripts: readonly Transcript[], share: number): Predictions[] {
  const random = seedrandom(`${scheme.name} ${share}`);
  const { width } = scheme.context;
  return transcripts.map(({ prompt, tokens }) => {
    const all = [...Array.from(prompt), ...Array.from(tokens)];
    return Int32Array.from(tokens, (_, i) => {
      const drawn = Array.from({ length: 8 }, () => Math.floor(IDS * random()));
      if (random() >= share) return drawn[0]!;
      const at = prompt.length + i;
      const context = all.slice(at - width, at);
      return drawn.reduce((best, token) => (scheme.score(context, token) > scheme.score(context, best) ? token : best));
    });
  });
}

describe("every mark, ours and the engines'", () => {
  it.each([...ours, ...theirs].map((config) => [config.scheme, config] as const))(
    "%s: a reader that follows the key is found by it, one that does not is not",
    (_, config) => {
      const random = seedrandom("texts");
      const draw = (count: number): number[] => Array.from({ length: count }, () => Math.floor(IDS * random()));
      const transcripts = Array.from({ length: 10 }, (): Transcript => ({ prompt: draw(6), tokens: draw(60) }));
      const scheme = wrongScheme("a".repeat(64))(config, 7);
      const lawful = hasKnownLaw(scheme);
      const tokenizerSha256 = "b".repeat(64);
      const plan = createAuditPlan({
        hypothesis: "h",
        alpha: lawful ? 1e-6 : 0.05,
        tests: [{ scheme: config, keyId: "c".repeat(16), mode: "open" }],
        transcripts,
        tokenizerSha256,
        controls: { wrongKeys: 20 },
        registry: engineRegistry,
      });
      const clean = predictionsOf(scheme, transcripts, 0);
      const { results } = runAudit(plan, {
        transcripts,
        tokenizerSha256,
        suspect: { name: "suspect", predictions: predictionsOf(scheme, transcripts, 0.7) },
        controls: [{ role: "clean student", name: "clean", predictions: clean }],
        schemeOf: () => scheme,
        wrongSchemeOf: wrongSchemeOf(plan, new Map()),
      });
      const [{ suspect, controls, verdict, because }] = results as [(typeof results)[number]];
      expect(suspect.zScore).toBeGreaterThan(lawful ? 5 : 4);
      expect(suspect.pValue).toBeLessThanOrEqual(lawful ? 1e-6 : 0.05);
      expect(controls[0]!.pValue).toBeGreaterThan(1e-3);
      if (lawful) expect(because).toMatch(/exploratory: 20 wrong keys do not test the tail/);
      else expect(verdict).toBe("trained-on-marked");
    },
    60_000,
  );

  it("but those whose key is the same for everybody, which are refused", () => {
    const keyless = engineContracts.filter(isKeyless).map(configOf);
    expect(keyless.map(({ scheme }) => scheme)).toEqual(["tgi-kgw/cpu"]);
    for (const config of keyless)
      expect(() => checkKeyed(config)).toThrow(/wanted a mark with a secret key, got tgi-kgw/);
    for (const config of [...ours, ...theirs]) expect(() => checkKeyed(config)).not.toThrow();
  });
});
