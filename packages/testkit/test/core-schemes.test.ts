import { dualGumbel, gumbel, kgw, synthid, unigram } from "@tokenmark/core";
import { describeSchemeContract } from "../src/index.ts";

for (const seeding of ["lefthash", "minhash", "selfhash"] as const) {
  for (const contextWidth of [1, 3, 5]) {
    describeSchemeContract(`kgw ${seeding}, width ${contextWidth}`, (key) => kgw(key, { seeding, contextWidth }));
  }
}
describeSchemeContract("unigram", (key) => unigram(key), { length: 800, leastZ: 5 });
describeSchemeContract("synthid, depth 1", (key) => synthid(key, { depth: 1 }));
describeSchemeContract("synthid, depth 30", (key) => synthid(key));
describeSchemeContract("synthid, depth 32, 3 leaves, width 2", (key) =>
  synthid(key, { depth: 32, leaves: 3, contextWidth: 2 }),
);
describeSchemeContract("gumbel, width 4", (key) => gumbel(key));
describeSchemeContract("gumbel, width 1", (key) => gumbel(key, { contextWidth: 1 }));
for (const shareB of [0, 0.1, 0.5, 1]) {
  describeSchemeContract(`dual-gumbel, share ${shareB}`, (key) => dualGumbel(key, { shareB }));
}
