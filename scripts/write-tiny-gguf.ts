// Writes the tests' tiny random model to a file, for a llama-server to try the library on:
//   npx -y pnpm@10 exec tsx scripts/write-tiny-gguf.ts tiny.gguf [seed]
//   llama-server -m tiny.gguf -c 1024 -t 1 --port 8080
import { writeFileSync } from "node:fs";
import { writeTinyGguf } from "../packages/testkit/src/gguf/tiny-gguf.ts";

const [file, seed = "tokenmark"] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: tsx scripts/write-tiny-gguf.ts FILE [SEED]");
  process.exit(2);
}
const bytes = writeTinyGguf({ seed });
writeFileSync(file, bytes);
console.error(`${file}: ${bytes.length} bytes, seed ${JSON.stringify(seed)}`);
