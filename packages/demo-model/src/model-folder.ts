import { fileURLToPath } from "node:url";

/** Absolute path of the model's folder, as `AutoModelForCausalLM.from_pretrained` and `AutoTokenizer.from_pretrained` of
 * `@huggingface/transformers` take it.
 *
 * @example
 * const model = await AutoModelForCausalLM.from_pretrained(modelFolder, { dtype });
 * const tokenizer = await AutoTokenizer.from_pretrained(modelFolder);
 */
export const modelFolder: string = fileURLToPath(new URL("../model", import.meta.url));

/** Which of the folder's files to load: int8 weights, widened to float32 when the file is opened. */
export const dtype = "q8";
