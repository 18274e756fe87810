// A deployer publishes a profile and hands the key to an auditor; the auditor judges a text with both.
//   node --conditions=@tokenmark/source --import tsx examples/detect-with-profile.ts [model folder]
import { createProfile, Key, parseProfile, parseSchemeConfig } from "@tokenmark/core";
import { dtype, modelFolder } from "@tokenmark/demo-model";
import { detectWithProfile, explainDetection } from "@tokenmark/detector";
import { createGenerator, loadTokenizer } from "@tokenmark/transformers";

const folder = process.argv[2] ?? modelFolder;

/** What the deployer hands out: the profile to everybody, the key in confidence, and texts to the world. */
async function deploy(): Promise<{ profileJson: string; keyHex: string; text: string }> {
  const key = Key.random();
  const generator = await createGenerator(folder, { dtype });
  const scheme = parseSchemeConfig({ scheme: "kgw", gamma: 0.25, delta: 2.5, seeding: "minhash", contextWidth: 3 });
  const profile = createProfile({ scheme, key, tokenizer: generator.identity });
  await generator.dispose();

  const marking = await createGenerator(folder, { dtype, profile, key });
  const { text } = await marking.generate("The people of the city", {
    maxTokens: 200,
    temperature: 0.9,
    endTokens: [],
  });
  await marking.dispose();
  return { profileJson: JSON.stringify(profile), keyHex: key.exportHex(), text };
}

/** What the auditor does: no model is needed, only its tokenizer. */
async function audit(profileJson: string, keyHex: string, text: string): Promise<void> {
  const profile = parseProfile(profileJson);
  const key = Key.fromHex(keyHex);
  const tokenizer = await loadTokenizer(folder);
  // Another key or another tokenizer than the profile's is refused here: under either, every text would read as unmarked.
  const detection = detectWithProfile({ profile, key, text, tokenizer, tokenizerIdentity: tokenizer.identity });
  console.log(detection.verdict, detection.log10PValue.toFixed(1));
  console.log(explainDetection(detection));
}

const { profileJson, keyHex, text } = await deploy();
await audit(profileJson, keyHex, text);
await audit(
  profileJson,
  keyHex,
  "In the beginning God created the heavens and the earth, and somebody typed this by hand.",
);
