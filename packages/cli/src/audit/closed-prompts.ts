import type { AuditPlan, TranscriptRecord } from "@tokenmark/radioactivity";
import seedrandom from "seedrandom";

/** One answer that closed mode asks for. */
export interface ClosedPrompt {
  readonly promptText: string;
  /** For generators here. */
  readonly seed: string;
  /** For servers, which take whole numbers. */
  readonly serverSeed: number;
}

/** The transcripts' prompts in turn, as often as the plan wants answers. */
export function closedPrompts({ closed }: AuditPlan, transcripts: readonly TranscriptRecord[]): ClosedPrompt[] {
  return Array.from({ length: closed.answers }, (_, i) => {
    const seed = `${closed.seed}/${i}`;
    const { promptText } = transcripts[i % transcripts.length]!;
    return { promptText, seed, serverSeed: seedrandom(seed).int32() >>> 1 };
  });
}
