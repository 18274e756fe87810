export { dtype, modelFolder } from "./model-folder.ts";
