import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";

/** Bytes of one entry of a block index: offset, compressed size, plain size, each a little-endian uint32. */
const BLOCK_ENTRY = 12;

/** Text (OSIS markup) of one testament of a compressed SWORD module: `<testament>.bzs` lists the zlib blocks of
 * `<testament>.bzz`. The verse index is not needed to read everything in order. */
export function readSwordTestament(folder: string, testament: "ot" | "nt"): string {
  const index = readFileSync(join(folder, `${testament}.bzs`));
  const blocks = readFileSync(join(folder, `${testament}.bzz`));
  const plain: Buffer[] = [];
  for (let at = 0; at + BLOCK_ENTRY <= index.length; at += BLOCK_ENTRY) {
    const start = index.readUInt32LE(at);
    plain.push(inflateSync(blocks.subarray(start, start + index.readUInt32LE(at + 4))));
  }
  return Buffer.concat(plain).toString("utf8");
}
