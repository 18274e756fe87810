import type { Attack, AttackResources } from "../attacks/attack.ts";
import { findAttack } from "../attacks/find-attack.ts";
import { type AttackedTexts, attackTexts, measureCell } from "./measure-cell.ts";
import { reasonOf } from "./reason-of.ts";
import type { Cell, CellId } from "./results.ts";
import type { SchemeMaker } from "./scheme-maker.ts";
import type { SuiteModel } from "./suite-model.ts";
import type { SurvivalConfig } from "./survival-config.ts";
import type { WorkFolder } from "./work-folder.ts";
import type { WrittenTexts } from "./written-texts.ts";

/** Texts of one seed, by scheme label and for "unmarked"; an error where they could not be written. */
export type TextsOfSeed = ReadonlyMap<string, WrittenTexts | Error>;

/** What all cells of one model and seed share. */
export interface CellSetting {
  readonly config: SurvivalConfig;
  readonly suite: SuiteModel;
  readonly seed: string;
  readonly makers: readonly SchemeMaker[];
  readonly texts: TextsOfSeed;
  readonly attacks: readonly Attack[];
  /** See {@link toolsOf}. */
  readonly tools: ReadonlyMap<string, string | null>;
  readonly resources: AttackResources;
  readonly work: WorkFolder;
  /** Everything besides the cell that its value depends on. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly onCell: (cell: Cell) => void;
}

/** Every attack at every strength, the texts as they were written first. */
export function attackPoints(
  config: SurvivalConfig,
): readonly { readonly attack: string; readonly strength: number }[] {
  return [
    { attack: "none", strength: 0 },
    ...config.attacks.flatMap(({ attack, strengths }) => strengths.map((strength) => ({ attack, strength }))),
  ];
}

/** Every cell of a model that cannot be opened. */
export function missingCells(config: SurvivalConfig, model: string, reason: string): Cell[] {
  const { seeds, lengths, schemes } = config;
  return seeds.flatMap((seed) =>
    attackPoints(config).flatMap(({ attack, strength }) =>
      lengths.flatMap((length) =>
        schemes.map(
          ({ label }): Cell => ({ model, scheme: label, attack, strength, length, seed, status: "skipped", reason }),
        ),
      ),
    ),
  );
}

/** Measures all cells of one model and seed, each stored as it is done. */
export async function runCells(setting: CellSetting): Promise<Cell[]> {
  const { config, suite, seed, makers } = setting;
  const cells: Cell[] = [];
  for (const { attack: name, strength } of attackPoints(config)) {
    const attack = name === "none" ? null : findAttack(name, setting.attacks);
    const lacking = attack === null ? null : await lackOf(attack, setting.resources);
    const tool = setting.tools.get(name) ?? null;
    for (const length of config.lengths) {
      let unmarked: Promise<AttackedTexts> | null = null;
      for (const maker of makers) {
        const id: CellId = { model: suite.model.name, scheme: maker.label, attack: name, strength, length, seed };
        // Attacked once for all schemes, and only if some cell is not there yet.
        const attacked = (): Promise<AttackedTexts> => (unmarked ??= attackWritten(setting, id, "unmarked", attack));
        const cell =
          lacking === null
            ? await runCell(setting, id, maker, attack, tool, attacked)
            : ({ ...id, ...lacking } as const);
        cells.push(cell);
        setting.onCell(cell);
      }
    }
  }
  return cells;
}

/** Why an attack cannot run here; null if it can. */
async function lackOf(
  attack: Attack,
  resources: AttackResources,
): Promise<{ readonly status: "skipped" | "failed"; readonly reason: string } | null> {
  try {
    const reason = (await attack.missing?.(resources)) ?? null;
    return reason === null ? null : { status: "skipped", reason };
  } catch (error) {
    return { status: "failed", reason: reasonOf(error) };
  }
}

/** What the config's attacks work with, by name; null where one does not tell. */
export async function toolsOf(
  config: SurvivalConfig,
  attacks: readonly Attack[],
  resources: Pick<AttackResources, "paraphraser">,
): Promise<ReadonlyMap<string, string | null>> {
  const used = new Set(config.attacks.map(({ attack }) => attack));
  const tools = new Map<string, string | null>();
  for (const attack of attacks) {
    if (used.has(attack.name)) tools.set(attack.name, (await attack.tool?.(resources).catch(() => null)) ?? null);
  }
  return tools;
}

function attackWritten(
  { texts, suite, resources }: CellSetting,
  id: CellId,
  whose: string,
  attack: Attack | null,
): Promise<AttackedTexts> {
  const written = texts.get(whose)!;
  if (written instanceof Error) throw written;
  return attackTexts(written.texts, id, whose, attack, suite.model, resources);
}

async function runCell(
  setting: CellSetting,
  id: CellId,
  maker: SchemeMaker,
  attack: Attack | null,
  tool: string | null,
  unmarked: () => Promise<AttackedTexts>,
): Promise<Cell> {
  const { config, suite, work, about } = setting;
  const names = ["cells", id.model, id.scheme, `${id.attack} ${id.strength} ${id.length} ${id.seed}`];
  const dependsOn = { ...about, cell: id, scheme: maker.config, controlKeys: config.controlKeys, tool };
  try {
    return await work.keep(names, dependsOn, async () => {
      const marked = await attackWritten(setting, id, maker.label, attack);
      return measureCell(id, maker, marked, await unmarked(), suite.model, config.controlKeys);
    });
  } catch (error) {
    return { ...id, status: "failed", reason: reasonOf(error) };
  }
}
