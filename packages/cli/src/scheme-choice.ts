import {
  type AnySchemeConfig,
  checkProfileKey,
  createScheme,
  defaultSchemeConfig,
  type Key,
  type Profile,
  parseProfile,
  type SchemeName,
  TokenmarkError,
  type WatermarkScheme,
} from "@tokenmark/core";
import { type KeyOptions, requireKey } from "./key-file.ts";
import { readJson } from "./read-input.ts";

/** What the command line says about the mark. */
export interface SchemeOptions extends KeyOptions {
  readonly scheme?: string;
  readonly profile?: string;
}

/** A scheme with its key, and the profile that named it, if one did. */
export interface SchemeChoice {
  readonly config: AnySchemeConfig;
  readonly key: Key;
  readonly scheme: WatermarkScheme;
  readonly profile?: Profile;
}

/** Reads a profile file strictly. */
export async function readProfile(path: string, signal: AbortSignal): Promise<Profile> {
  return parseProfile(await readJson(path, "profile", signal));
}

/**
 * The scheme of `--scheme` (with its documented defaults) or `--profile`, under the key.
 *
 * @throws TokenmarkError `bad-argument` for both or neither, `key-mismatch` if the profile is another key's, and what reading throws.
 */
export async function chooseScheme(options: SchemeOptions, signal: AbortSignal): Promise<SchemeChoice> {
  const { scheme: name, profile: path } = options;
  if (name !== undefined && path !== undefined) {
    throw new TokenmarkError("bad-argument", "--scheme: wanted none beside --profile, which names its own, got one");
  }
  if (path !== undefined) {
    const profile = await readProfile(path, signal);
    const key = await requireKey(options);
    checkProfileKey(profile, key);
    return { config: profile.scheme, key, profile, scheme: createScheme(profile.scheme, key) };
  }
  if (name === undefined)
    throw new TokenmarkError("bad-argument", "wanted --scheme NAME or --profile FILE, got neither");
  const config = defaultSchemeConfig(name as SchemeName);
  const key = await requireKey(options);
  return { config, key, scheme: createScheme(config, key) };
}
