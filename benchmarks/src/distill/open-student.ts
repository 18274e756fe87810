import { openLocalModel } from "../models/local-model.ts";
import type { TextModel } from "../models/text-model.ts";

/** Opens the folder that `trainStudent` left. So small a model is slower with threads. Dispose of it when done. */
export const openStudent = (folder: string): Promise<TextModel> =>
  openLocalModel(folder, { dtype: "fp32", sessionOptions: { intraOpNumThreads: 1 } });
