export { dtype, modelFolder } from "./model-folder.ts";
export { prompts } from "./prompts.ts";
