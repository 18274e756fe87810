import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const shipped = folder("../../demo-model/model");
/** A third-party model beside the repository; its tests run where it is there. */
const thirdParty = folder("../../../../shared/models/tinystories-relu-1.8m");

/** Model folders to test on, with int8 weights. */
export const modelFolders: readonly string[] = [shipped, thirdParty].filter((path) => existsSync(path));
export const modelFolder: string = modelFolders[0]!;
export const dtype = "q8";
