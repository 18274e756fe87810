import { TokenmarkError } from "../errors.ts";

function abortError(signal: AbortSignal, when: string): TokenmarkError {
  return new TokenmarkError("aborted", `generate: aborted ${when}`, { cause: signal.reason });
}

/** @throws TokenmarkError `aborted`, saying when, if the signal is. */
export function throwIfAborted(signal: AbortSignal | undefined, when: string): void {
  if (signal?.aborted) throw abortError(signal, when);
}

/** The promise's result, or the abort if that comes first: a source that ignores its signal cannot hold us up. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined, when: string): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortError(signal, when));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
