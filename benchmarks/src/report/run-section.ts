import type { SurvivalResults } from "../survival/results.ts";
import { heading, paragraph, type ReportBlock, tableOr } from "./report-block.ts";
import { sortedJson } from "./setting-differences.ts";

/** What was run: models, prompts, seeds, versions, machine, schemes and attacks. */
export function runSection(results: SurvivalResults): readonly ReportBlock[] {
  const { settings, models, schemes, attacks, versions } = results;
  const { promptSet } = settings;
  return [
    heading(2, "What was run"),
    paragraph(
      `Suite ${results.suite}, ${results.date}: ${settings.texts} texts a scheme, length and seed, of ${settings.lengths.join(", ")} tokens, continuing prompts of ${promptSet.name} (${promptSet.count}, SHA-256 ${promptSet.sha256}); temperature ${settings.temperature}, top-k ${settings.topK}, top-p ${settings.topP}; seeds ${settings.seeds.join(", ")}.`,
    ),
    paragraph(
      `Machine: ${results.machine}. Versions: ${Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", ")}.`,
    ),
    tableOr(
      {
        caption: "Models",
        head: ["model", "tokenizer SHA-256", "vocabulary", "judge"],
        rows: models.map((model) => [
          model.name,
          model.tokenizerSha256,
          String(model.vocabularySize),
          model.judge ?? "none",
        ]),
      },
      "No model was run.",
    ),
    tableOr(
      {
        caption: "Schemes, with the settings they ran with",
        head: ["scheme", "distortion-free", "whose mark", "settings"],
        rows: schemes.map(({ label, config, distortionFree, engine }) => [
          label,
          distortionFree ? "yes" : "no",
          engine ?? (config === null ? "none: unmarked text" : "own"),
          config === null ? "" : sortedJson(config),
        ]),
      },
      "No scheme was run.",
    ),
    tableOr(
      {
        caption: "Attacks",
        head: ["attack", "what it does", "the strength is the share of", "with"],
        rows: attacks.map(({ name, summary, strengthMeans, tool }) => [name, summary, strengthMeans, tool ?? ""]),
      },
      "No attack was run.",
    ),
  ];
}
