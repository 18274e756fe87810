import type { SurvivalResults } from "../survival/results.ts";

/** A setting that two runs do not share; "none" where one has no such thing. */
export interface SettingDifference {
  readonly name: string;
  readonly a: string;
  readonly b: string;
}

/**
 * Everything that two runs were told differently: models, tokenizers, prompts, lengths and sampling first, then seeds, schemes and
 * attacks, versions and machine last. The suite's name and the date are no settings.
 */
export function settingDifferences(a: SurvivalResults, b: SurvivalResults): readonly SettingDifference[] {
  const [first, second] = [settingsOf(a), settingsOf(b)];
  return [...new Set([...first.keys(), ...second.keys()])].flatMap((name) => {
    const [inA, inB] = [first.get(name) ?? "none", second.get(name) ?? "none"];
    return inA === inB ? [] : [Object.freeze({ name, a: inA, b: inB })];
  });
}

function settingsOf(run: SurvivalResults): ReadonlyMap<string, string> {
  const { promptSet, ...settings } = run.settings;
  const rows: [string, string][] = [["format", String(run.format)]];
  for (const { name, tokenizerSha256, vocabularySize, judge } of run.models) {
    rows.push([`model ${name}: tokenizer`, tokenizerSha256]);
    rows.push([`model ${name}: vocabulary`, String(vocabularySize)]);
    rows.push([`model ${name}: judge`, judge ?? "none"]);
  }
  rows.push(["prompts", `${promptSet.count} of ${promptSet.name} (${promptSet.sha256})`]);
  rows.push(["lengths", settings.lengths.join(", ")]);
  rows.push(["temperature", String(settings.temperature)]);
  rows.push(["top-k", String(settings.topK)]);
  rows.push(["top-p", String(settings.topP)]);
  rows.push(["texts", String(settings.texts)]);
  rows.push(["seeds", settings.seeds.join(", ")]);
  for (const { label, config, engine, distortionFree } of run.schemes) {
    rows.push([`scheme ${label}`, sortedJson({ config, engine, distortionFree })]);
  }
  for (const { name, summary, strengthMeans } of run.attacks) {
    rows.push([`attack ${name}`, `${summary} Strength: ${strengthMeans}`]);
  }
  for (const [name, version] of Object.entries(run.versions)) rows.push([`version of ${name}`, version]);
  rows.push(["machine", run.machine]);
  return new Map(rows);
}

/** JSON with the keys of every object in order, so that two equal configs read the same. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
