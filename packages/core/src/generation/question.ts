import type { DraftStep, LogitSource, NextLogits, SourceCall, TokenId } from "../types.ts";
import { createDraftLength, type DraftOptions } from "./draft-length.ts";

/** What was asked of a source. */
export interface QuestionCounts {
  /** Questions: round trips, where the source is a server. */
  readonly calls: number;
  /** Positions that came as part of a draft behind its first. */
  readonly drafted: number;
  /** Of these, those that were used. */
  readonly used: number;
}

/** Gives the scores of one position after the other, asking as seldom as it can. */
export interface Questioner {
  /** Scores after `tokens`, which extends the tokens of the call before by the one that was accepted. */
  scoresAfter(tokens: readonly TokenId[], room: number, call: SourceCall): Promise<NextLogits>;
  /** Tells which token was chosen from the scores last given. */
  accept(token: TokenId): void;
  readonly counts: QuestionCounts;
}

/** What a drafted position that was used pays for, a position that was written, and at most in all: in round trips. */
const CREDIT = { used: 1, position: 0.05, most: 4 } as const;

/** The best token of some scores, ties to the first: what a greedy source puts there. */
function bestOf({ logits, candidates }: NextLogits): TokenId {
  let at = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[at]!) at = i;
  return candidates === undefined ? at : candidates[at]!;
}

/** Asks for each position. */
function askEach(source: LogitSource): Questioner {
  let calls = 0;
  return {
    scoresAfter(tokens, _room, call) {
      calls++;
      return source.next(tokens, call);
    },
    accept() {},
    get counts() {
      return { calls, drafted: 0, used: 0 };
    },
  };
}

/**
 * Asks a source for drafts where it can give them: the scores along its own greedy continuation hold for our text as long as our
 * choices are the same tokens, and not a token longer. So the text is the one that asking each position would have written;
 * the clock decides only how many questions it takes.
 *
 * A draft that comes back empty costs a round trip for nothing: llama.cpp reports no scores for a token that ends inside a character, so
 * in a script that its vocabulary spells byte by byte every other draft is empty. Such a loss is paid out of what drafts have saved before and a
 * twentieth of a round trip a position; without credit no draft is asked for. So there are at most 1.05 round trips a token, and one more.
 */
export function createQuestioner(source: LogitSource, speculate: boolean | DraftOptions): Questioner {
  const draft = source.draft?.bind(source);
  if (draft === undefined || speculate === false) return askEach(source);
  const length = createDraftLength(speculate === true ? {} : speculate);
  let steps: readonly DraftStep[] = [];
  let depth = 0;
  let own: TokenId = -1;
  let calls = 0;
  let drafted = 0;
  let used = 0;
  let credit = 0;
  const earn = (amount: number): void => {
    credit = Math.min(CREDIT.most, credit + amount);
  };

  async function timed<T>(count: number, ask: () => Promise<T>): Promise<T> {
    calls++;
    const start = performance.now();
    const answer = await ask();
    length.took(count, performance.now() - start);
    return answer;
  }

  return {
    async scoresAfter(tokens, room, call) {
      if (depth < steps.length) {
        used++;
        earn(CREDIT.used);
      } else {
        depth = 0;
        steps = [];
        const wanted = credit < 0 ? 1 : Math.min(length.next(), room);
        if (wanted > 1) {
          steps = await timed(wanted, () => draft(tokens, wanted, call));
          drafted += Math.max(0, steps.length - 1);
          if (steps.length === 0) credit--;
        }
        if (steps.length === 0) {
          const answer = await timed(1, () => source.next(tokens, call));
          own = bestOf(answer);
          return answer;
        }
      }
      own = steps[depth]!.token;
      return steps[depth]!;
    },
    accept(token) {
      const agreed = token === own;
      length.observe(depth, agreed);
      depth++;
      earn(CREDIT.position);
      if (!agreed) steps = [];
    },
    get counts() {
      return { calls, drafted, used };
    },
  };
}
