import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dtype, modelFolder } from "@tokenmark/demo-model";

export { dtype, modelFolder };

/** A model that this project did not train, with the same dtype, where it lies beside the repository. */
const thirdParty = fileURLToPath(new URL("../../../../shared/models/tinystories-relu-1.8m", import.meta.url));

/** Model folders to test on. */
export const modelFolders: readonly string[] = [modelFolder, thirdParty].filter((path) => existsSync(path));
