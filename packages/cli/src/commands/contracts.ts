import { type EngineContract, engineContracts, findContract } from "@tokenmark/engines";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { writeStdout } from "../write-output.ts";

const HELP = `
A contract is the exact rule by which somebody else's engine marks text: its hash, its context, its key. What stands in a key file is
JSON with the secret fields, such as {"key": "1234605616436508552"}; 64-bit numbers go in quotes.

Examples:
  tokenmark contracts
  tokenmark contracts sglang-gumbel/murmur3-32
  tokenmark contracts --json | jq '.[].id'
`;

type Fields = EngineContract["parameters"];

function fieldLines(title: string, fields: Fields): readonly string[] {
  const rows = Object.entries(fields).map(([name, { about, fallback }]) => {
    const or = fallback === undefined ? "must be given" : `default ${JSON.stringify(fallback)}`;
    return `  ${name}: ${about}; ${or}`;
  });
  return ["", title, ...(rows.length === 0 ? ["  none"] : rows)];
}

function listLines(title: string, sentences: readonly string[]): readonly string[] {
  return sentences.length === 0 ? [] : ["", title, ...sentences.map((sentence) => `  - ${sentence}`)];
}

function contractLines(contract: EngineContract): readonly string[] {
  const { id, engine, algorithm, state, source, parameters, secrets, mustBeTold, securityFacts, engineReading } =
    contract;
  return [
    id,
    `  engine     ${engine}`,
    `  algorithm  ${algorithm}`,
    `  state      ${state}`,
    `  source     ${source}`,
    `  detector   ${engineReading === undefined ? "none of its own" : "its own reading is shown beside ours"}`,
    ...fieldLines("Parameters (--parameters, profile):", parameters),
    ...fieldLines("Secrets (--key-file):", secrets),
    ...listLines("What the deployer must tell an auditor:", mustBeTold),
    ...listLines("What to know of this mark:", securityFacts),
  ];
}

function tableLines(): readonly string[] {
  const width = Math.max(...engineContracts.map(({ id }) => id.length));
  return engineContracts.map(
    ({ id, engine, algorithm, state }) => `${id.padEnd(width)}  ${engine}, ${algorithm} (${state})`,
  );
}

function fieldsJson(fields: Fields): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { about, fallback }]) => [
      name,
      { about, ...(fallback === undefined ? {} : { default: fallback }) },
    ]),
  );
}

function jsonOf({ id, engine, algorithm, state, source, parameters, secrets, ...rest }: EngineContract): object {
  return {
    id,
    engine,
    algorithm,
    state,
    source,
    parameters: fieldsJson(parameters),
    secrets: fieldsJson(secrets),
    mustBeTold: rest.mustBeTold,
    securityFacts: rest.securityFacts,
    ownDetector: rest.engineReading !== undefined,
  };
}

/** `tokenmark contracts`. */
export function contractsCommand(_context: CommandContext): Command {
  return new Command("contracts")
    .description("list the other engines whose marks can be read, or show one")
    .argument("[id]", "show this one: its parameters, secrets, and what an auditor must be told")
    .option("--json", "print JSON")
    .addHelpText("after", HELP)
    .action(async (id: string | undefined, { json = false }: { readonly json?: boolean }) => {
      if (json) {
        const value = id === undefined ? engineContracts.map(jsonOf) : jsonOf(findContract(id));
        return writeStdout(`${JSON.stringify(value)}\n`);
      }
      const lines = id === undefined ? tableLines() : contractLines(findContract(id));
      return writeStdout(`${lines.join("\n")}\n`);
    });
}
