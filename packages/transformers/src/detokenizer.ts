import {
  createByteDetokenizer,
  createDecodingDetokenizer,
  type Detokenizer,
  type TokenSequence,
} from "@tokenmark/core";
import type { TokenSurfaces } from "./token-surfaces.ts";

const NOTHING = new Uint8Array(0);

/**
 * Makes a detokenizer that stands behind `prompt`: its first piece continues the prompt's text, so a leading space that is part
 * of the text is kept.
 */
export function createDetokenizer(
  surfaces: TokenSurfaces | null,
  decode: (tokens: number[]) => string,
  prompt: TokenSequence,
): Detokenizer {
  const detokenizer =
    surfaces === null
      ? createDecodingDetokenizer((tokens) => decode(tokens as number[]))
      : createByteDetokenizer({
          bytes: (token) => (surfaces.special.has(token) ? NOTHING : surfaces.bytes(token)!),
          dropsFirstSpace: surfaces.dropsFirstSpace,
        });
  for (let i = 0; i < prompt.length; i++) detokenizer.push(prompt[i]!);
  return detokenizer;
}
