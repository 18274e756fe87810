import { createScheme, Key, parseSchemeConfig } from "@tokenmark/core";

/** Configs whose mapping is frozen: every scheme, every seeding, widths of one block and of more. */
const CONFIGS: readonly Record<string, unknown>[] = [
  { scheme: "kgw", seeding: "lefthash", contextWidth: 1 },
  { scheme: "kgw", seeding: "lefthash", contextWidth: 5 },
  { scheme: "kgw", seeding: "minhash", contextWidth: 4 },
  { scheme: "kgw" },
  { scheme: "unigram" },
  { scheme: "synthid" },
  { scheme: "gumbel" },
  { scheme: "dual-gumbel" },
];

/** Key id, derived id, and for each config the components of 40 tokens after a fixed run of contexts. */
export function pinnedOutputs(): unknown {
  const key = Key.fromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const tokens = Int32Array.from({ length: 45 }, (_, i) => (i * i * 7919 + 13 * i) % 50257);
  return {
    source: "this project's own released mappings; see make-pins.ts",
    keyId: key.id,
    derivedId: key.derive("tenant/acme").id,
    schemes: CONFIGS.map((given) => {
      const config = parseSchemeConfig(given);
      const scheme = createScheme(config, key);
      const parts = new Float64Array(40 * scheme.components);
      scheme.componentsAll({ tokens, start: 5, promptKnown: true }, parts);
      const rows = Array.from({ length: 40 }, (_, i) => parts.subarray(i * scheme.components, (i + 1) * scheme.components));
      return { config, parts: rows.map((row) => (row.length > 2 ? row.join("") : [...row].map((x) => +x.toFixed(12)).join(" "))) };
    }),
  };
}
