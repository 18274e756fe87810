import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A model that this project did not train, where it lies beside the repository; it needs `--dtype q8`. */
export const thirdParty: string = fileURLToPath(
  new URL("../../../../shared/models/tinystories-relu-1.8m", import.meta.url),
);
export const hasThirdParty: boolean = existsSync(thirdParty);
