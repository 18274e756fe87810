// Writes pins.json: what the released key-to-mark mappings give for one public key. Run it only when a mapping is meant to
// change, which is a breaking change:
//   node --conditions=@tokenmark/source --import tsx packages/core/test/vectors/make-pins.ts
import { writeFileSync } from "node:fs";
import { pinnedOutputs } from "./pinned-outputs.ts";

const target = new URL("./pins.json", import.meta.url);
writeFileSync(target, `${JSON.stringify(pinnedOutputs(), null, 1)}\n`);
