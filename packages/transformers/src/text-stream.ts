/** Pieces of text as they are written, and what came of it. */
export interface TextStream<Result> extends AsyncIterable<string> {
  /** Settles when the text has ended; rejects with what ended it early. Leaving the loop early rejects it with code `aborted`. */
  readonly result: Promise<Result>;
}

/**
 * Makes a stream of a writer that pushes: `write` gets a function for each piece and returns the result. It starts at once and runs
 * ahead of a slow reader; `stop` is called when the reader leaves the loop.
 */
export function createTextStream<Result>(
  write: (push: (piece: string) => void) => Promise<Result>,
  stop: () => void,
): TextStream<Result> {
  const pieces: string[] = [];
  let wake: () => void = () => {};
  let ended = false;
  const result = write((piece) => {
    if (piece !== "") pieces.push(piece);
    wake();
  });
  const settled = result
    .then(
      () => {},
      () => {},
    )
    .then(() => {
      ended = true;
      wake();
    });

  async function* read(): AsyncGenerator<string, void, undefined> {
    try {
      for (;;) {
        while (pieces.length > 0) yield pieces.shift()!;
        if (ended) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      // Rethrows what ended the text early.
      await result;
    } finally {
      if (!ended) stop();
      await settled;
    }
  }
  return { result, [Symbol.asyncIterator]: read };
}
