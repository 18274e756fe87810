import type { TokenId } from "@tokenmark/core";

/** One sequence's place in the KV cache. */
export interface LlamaSlot {
  readonly id: number;
  /** Tokens whose keys and values lie in the cache. */
  tokens: readonly TokenId[];
  busy: boolean;
  /** Order of use, for the least recently used. */
  usedAt: number;
  /** For /slots: number of the last task, its prompt's length and its settings. */
  taskId: number;
  promptTokens: number;
  report: object;
}

/** A slot taken for one task. */
export interface TakenSlot {
  readonly slot: LlamaSlot;
  /** Tokens of the prompt that need no evaluation; at least one always does. */
  readonly cached: number;
  /** Stores what the cache now holds and frees the slot. */
  release(tokens: readonly TokenId[]): void;
}

/** Asks for a slot. */
export interface SlotRequest {
  readonly tokens: readonly TokenId[];
  /** −1: the server chooses. */
  readonly idSlot: number;
  readonly cachePrompt: boolean;
  readonly report: object;
}

/** The slots of a server. */
export interface LlamaSlots {
  readonly all: readonly LlamaSlot[];
  /** Waits for a free slot, as deferred tasks do. */
  take(request: SlotRequest): Promise<TakenSlot>;
}

/**
 * Slots as llama-server hands them out (llama.cpp, tools/server/server-context.cpp, `get_available_slot`): the asked one; else the free
 * one whose tokens share most with the prompt, if that is over a tenth of it; else the least recently used. A slot that loses its
 * tokens that way leaves them in a host cache, from which a later prompt takes them back.
 */
export function createLlamaSlots(count: number, hostCacheSize: number, report: object): LlamaSlots {
  const all: LlamaSlot[] = Array.from({ length: count }, (_, id) => ({
    id,
    tokens: [],
    busy: false,
    usedAt: 0,
    taskId: -1,
    promptTokens: 0,
    report,
  }));
  const hostCache: (readonly TokenId[])[] = [];
  const waiting: (() => void)[] = [];
  let tasks = 0;

  function swapThroughHostCache(slot: LlamaSlot, tokens: readonly TokenId[]): void {
    if (slot.tokens.length > 0) hostCache.push(slot.tokens);
    let best = -1;
    let shared = commonPrefix(slot.tokens, tokens);
    hostCache.forEach((cached, at) => {
      const length = commonPrefix(cached, tokens);
      if (length > shared) [best, shared] = [at, length];
    });
    if (best >= 0) slot.tokens = hostCache.splice(best, 1)[0]!;
    if (hostCache.length > hostCacheSize) hostCache.shift();
  }

  function choose(tokens: readonly TokenId[], idSlot: number): LlamaSlot | undefined {
    if (idSlot >= 0) {
      const slot = all[idSlot % count]!;
      return slot.busy ? undefined : slot;
    }
    const free = all.filter((slot) => !slot.busy);
    if (free.length === 0) return undefined;
    let similar: LlamaSlot | undefined;
    let most = Math.max(1, Math.floor(tokens.length / 10));
    for (const slot of free) {
      const shared = commonPrefix(slot.tokens, tokens);
      if (shared > most) [similar, most] = [slot, shared];
    }
    const slot = similar ?? free.reduce((oldest, other) => (other.usedAt < oldest.usedAt ? other : oldest));
    if (similar === undefined || most < slot.tokens.length / 2) swapThroughHostCache(slot, tokens);
    return slot;
  }

  return {
    all,
    async take({ tokens, idSlot, cachePrompt, report: settings }: SlotRequest): Promise<TakenSlot> {
      let slot = choose(tokens, idSlot);
      while (slot === undefined) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        slot = choose(tokens, idSlot);
      }
      const taken = slot;
      taken.busy = true;
      taken.usedAt = ++tasks;
      taken.taskId = tasks;
      taken.promptTokens = tokens.length;
      taken.report = settings;
      return {
        slot: taken,
        cached: cachePrompt ? Math.min(commonPrefix(taken.tokens, tokens), tokens.length - 1) : 0,
        release(held: readonly TokenId[]): void {
          taken.tokens = held;
          taken.busy = false;
          for (const wake of waiting.splice(0)) wake();
        },
      };
    },
  };
}

function commonPrefix(a: readonly TokenId[], b: readonly TokenId[]): number {
  const length = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < length && a[shared] === b[shared]) shared++;
  return shared;
}
