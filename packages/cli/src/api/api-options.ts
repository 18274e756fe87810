import { TokenmarkError } from "@tokenmark/core";
import { type ApiName, apiNames, type ConnectOptions } from "@tokenmark/logit-api";
import { type Command, Option } from "commander";
import { given } from "../given.ts";
import { countOption, parseIndex } from "../shared-options.ts";

/** How the command line names a server. */
export interface ApiFlags {
  readonly api?: ApiName;
  readonly url?: string;
  readonly apiModel?: string;
  readonly topLogprobs?: number;
  readonly slot?: number;
  readonly timeout?: number;
}

const KEY_VARIABLE = "TOKENMARK_API_KEY";

/** `--api`, `--url` and what goes with them. */
export function addApiOptions(command: Command): Command {
  return command
    .option("--url <address>", "ask the inference server at this address for scores, instead of running a model here")
    .addOption(
      new Option("--api <name>", "the server's protocol (default: found out by asking it)").choices([...apiNames]),
    )
    .option("--api-model <name>", "which of the server's models (default: its first)")
    .addOption(countOption("--top-logprobs <n>", "candidates to ask for at each position (default: 100; openai: 20)"))
    .addOption(new Option("--slot <n>", "llama.cpp's slot (default: the server's choice)").argParser(parseIndex))
    .addOption(countOption("--timeout <seconds>", "how long one question may take (default: 120)"));
}

/** Whether a server is meant; `--api` without `--url` is a mistake that would run another model. */
export function wantsApi({ api, url }: ApiFlags): boolean {
  if (url === undefined && api !== undefined) {
    throw new TokenmarkError("bad-argument", "--url: wanted the server's address beside --api, got none");
  }
  return url !== undefined;
}

/** What the flags and the environment say about the connection. The server's key is never an argument. */
export function connectOptions(flags: ApiFlags): ConnectOptions {
  const { api, url, apiModel: model, topLogprobs, slot, timeout } = flags;
  if (url === undefined) {
    throw new TokenmarkError("bad-argument", "--url: wanted the server's address, got none");
  }
  return {
    baseURL: /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`,
    ...given({
      api,
      model,
      topLogprobs,
      slot,
      apiKey: process.env[KEY_VARIABLE] || undefined,
      timeoutMs: timeout === undefined ? undefined : timeout * 1000,
    }),
  };
}
