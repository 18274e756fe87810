import {
  type AnySchemeConfig,
  checkProfileKey,
  createScheme,
  type Key,
  type Profile,
  parseProfile,
  parseSchemeConfig,
  TokenmarkError,
  type WatermarkScheme,
} from "@tokenmark/core";
import { contractOf, type EngineContract, engineRegistry } from "@tokenmark/engines";
import { given } from "./given.ts";
import { type KeyOptions, requireKey } from "./key-file.ts";
import { readJson } from "./read-input.ts";

/** What the command line says about the mark. */
export interface SchemeOptions extends KeyOptions {
  readonly scheme?: string;
  readonly profile?: string;
  /** File with parameters for `scheme`. */
  readonly parameters?: string;
}

/** A scheme with its key, and the profile that named it, if one did. */
export interface SchemeChoice {
  readonly config: AnySchemeConfig;
  readonly key: Key;
  readonly scheme: WatermarkScheme;
  readonly profile?: Profile;
  /** Set if the mark is another engine's. */
  readonly contract?: EngineContract;
}

/** Reads a profile file strictly. */
export async function readProfile(path: string, signal: AbortSignal): Promise<Profile> {
  return parseProfile(await readJson(path, "profile", signal), { registry: engineRegistry });
}

/**
 * The config of `--scheme` with the parameters of `--parameters` and of single options; what is left out has its documented default.
 *
 * @throws TokenmarkError `bad-config`, `unknown-contract`, `io`.
 */
export async function readSchemeConfig(
  scheme: string,
  file: string | undefined,
  options: object,
  signal: AbortSignal,
): Promise<AnySchemeConfig> {
  const parameters = file === undefined ? {} : await readJson(file, "parameters", signal);
  if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters) || "scheme" in parameters) {
    throw new TokenmarkError(
      "bad-config",
      `parameters ${file}: wanted a JSON object without "scheme", got something else`,
    );
  }
  return parseSchemeConfig({ ...parameters, ...options, scheme }, { registry: engineRegistry });
}

/**
 * The scheme of `--scheme` (with its documented defaults or `--parameters`) or `--profile`, under the key.
 *
 * @throws TokenmarkError `bad-argument` for both or neither, `key-mismatch` if the profile is another key's, and what reading throws.
 */
export async function chooseScheme(options: SchemeOptions, signal: AbortSignal): Promise<SchemeChoice> {
  const { scheme: name, profile: path, parameters } = options;
  const registry = engineRegistry;
  if (name !== undefined && path !== undefined) {
    throw new TokenmarkError("bad-argument", "--scheme: wanted none beside --profile, which names its own, got one");
  }
  if (path !== undefined) {
    if (parameters !== undefined) {
      throw new TokenmarkError(
        "bad-argument",
        "--parameters: wanted none beside --profile, which has its own, got one",
      );
    }
    const profile = await readProfile(path, signal);
    const contract = contractOf(profile.scheme);
    const key = await requireKey(options, contract);
    checkProfileKey(profile, key);
    const scheme = createScheme(profile.scheme, key, { registry });
    return { config: profile.scheme, key, profile, scheme, ...given({ contract }) };
  }
  if (name === undefined)
    throw new TokenmarkError("bad-argument", "wanted --scheme NAME or --profile FILE, got neither");
  const config = await readSchemeConfig(name, parameters, {}, signal);
  const contract = contractOf(config);
  const key = await requireKey(options, contract);
  return { config, key, scheme: createScheme(config, key, { registry }), ...given({ contract }) };
}
