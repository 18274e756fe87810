import { checkModelFiles, chooseDtype, locateModel, TOKENIZER_FILES } from "./model-files.ts";

/**
 * Looks whether a model folder has what loading it will read, without loading it; of a hub repository only whether its name is one.
 *
 * @param dtype - which file of `onnx/`. @defaultValue what the folder has, fp32 first
 * @throws TokenmarkError `model-not-found`, `model-incomplete` naming the first file that is missing.
 */
export async function checkModel(folderOrId: string, dtype?: string): Promise<void> {
  const place = await locateModel(folderOrId);
  await checkModelFiles(place, TOKENIZER_FILES);
  await chooseDtype(place, dtype);
}
