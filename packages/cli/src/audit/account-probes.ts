import { basename } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { createProbe, openProbe, type Probe, type TranscriptRecord } from "@tokenmark/radioactivity";
import { given } from "../given.ts";
import { chooseModel, openGenerator } from "../model-choice.ts";
import type { AccountKey } from "./account-keys.ts";
import { readAll, refuseForeign } from "./model-evidence.ts";

/** What each account's key is looked for in. */
export interface TraceSetting {
  /** Of the mark's tokenizer. */
  readonly tokenizerSha256: string;
  readonly transcripts: readonly TranscriptRecord[];
  /** Of each account, which of the transcripts; accounts with the same list share a probe. */
  readonly rows: readonly (readonly number[])[];
  /** Context width of the mark. */
  readonly width: number;
  readonly signal: AbortSignal;
  readonly onStep: (what: string) => void;
}

/** Which transcripts are whose. */
export interface SharedTranscripts extends Pick<TraceSetting, "rows"> {
  /** Of each account, whether they are its own. */
  readonly isOwn: readonly boolean[];
}

/**
 * Which transcripts each account's key is looked for along, by their index: its own, else those that are nobody's.
 *
 * @throws TokenmarkError `bad-argument` if there are none for any account.
 */
export function shareOut(accounts: readonly AccountKey[], transcripts: readonly TranscriptRecord[]): SharedTranscripts {
  const byProfile = new Map<string | null, number[]>();
  for (const [i, { profile }] of transcripts.entries()) {
    const known = byProfile.get(profile);
    if (known === undefined) byProfile.set(profile, [i]);
    else known.push(i);
  }
  const nobodys = byProfile.get(null) ?? [];
  const rows = accounts.map(({ keyId }) => byProfile.get(keyId) ?? nobodys);
  if (rows.some((own) => own.length > 0)) {
    return { rows, isOwn: accounts.map(({ keyId }) => byProfile.has(keyId)) };
  }
  throw new TokenmarkError(
    "bad-argument",
    'transcripts: wanted some with the "profile" of a registered key, or without any, got none',
  );
}

/**
 * What a model predicts along each account's transcripts.
 *
 * @throws TokenmarkError `bad-argument` for a model with another tokenizer, and what loading throws.
 */
export async function accountProbes(
  folder: string,
  dtype: string | undefined,
  setting: TraceSetting,
): Promise<readonly Probe[]> {
  const { tokenizerSha256, transcripts, rows, width } = setting;
  const name = basename(folder);
  const generator = await openGenerator(chooseModel({ model: folder, ...given({ dtype }) }));
  try {
    if (generator.identity.sha256 !== tokenizerSha256) refuseForeign(name, "trace");
    const predictions = await readAll(name, generator, setting);
    const made = new Map<readonly number[], Probe>();
    for (const own of new Set(rows)) {
      const pick = <T>(all: readonly T[]): T[] => own.map((i) => all[i]!);
      const probe = own.length === 0 ? createProbe([], width) : openProbe(pick(transcripts), pick(predictions), width);
      made.set(own, probe);
    }
    return rows.map((own) => made.get(own)!);
  } finally {
    await generator.dispose();
  }
}
