import { readFileSync } from "node:fs";
import { join } from "node:path";
import { modelFolder } from "@tokenmark/demo-model";

/** Text by people in the shipped model's register, which that model was not trained on. */
export function readHumanText(): string {
  return readFileSync(join(modelFolder, "../evaluation/held-out.txt"), "utf8");
}
