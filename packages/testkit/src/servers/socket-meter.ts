import type { Socket } from "node:net";

/** How a socket ends after a cut: an orderly FIN, or RST (the kernel on the other side may drop what it has not read yet). */
export type CutKind = "close" | "reset";

/** Counts the bytes that a server writes to a socket, and can end the socket after an exact number of them. */
export interface SocketMeter {
  /** Bytes written so far, headers included. */
  readonly sent: number;
  /** Called with the number of bytes of each write. */
  onSent: (bytes: number) => void;
  /** Lets `bytes` more bytes out, then ends the socket; 0 ends it at once. Whatever is written later is swallowed. */
  cutAfter(bytes: number, kind: CutKind): void;
}

type WriteCallback = (error?: Error | null) => void;

/**
 * RST and no FIN before it. The public `resetAndDestroy` ends the writable side first, and the FIN reaches the client before the RST: it sees
 * an orderly end. This is the flag that method sets, without the end.
 */
function reset(socket: Socket): void {
  (socket as Socket & { resetAndClosing: boolean }).resetAndClosing = true;
  socket.destroy();
}

/** Puts a meter on a socket, in front of everything that node:http writes. */
export function meterSocket(socket: Socket): SocketMeter {
  const write = socket.write.bind(socket) as (chunk: Uint8Array, callback?: WriteCallback) => boolean;
  let sent = 0;
  let allowance = Number.POSITIVE_INFINITY;
  let cut: CutKind = "close";
  let ended = false;

  function end(): void {
    ended = true;
    if (cut === "reset") {
      // A moment later: a client that finds the bytes and the reset together sees an orderly end.
      write(Buffer.alloc(0), () => setTimeout(() => reset(socket), sent === 0 ? 0 : 10));
      return;
    }
    socket.end(() => socket.destroy());
  }

  const meter: SocketMeter & { sent: number } = {
    sent: 0,
    onSent: () => {},
    cutAfter(bytes: number, kind: CutKind): void {
      allowance = bytes;
      cut = kind;
      if (bytes === 0) end();
    },
  };

  function meteredWrite(
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | WriteCallback,
    callback?: WriteCallback,
  ): boolean {
    const done = typeof encoding === "function" ? encoding : callback;
    if (ended) {
      if (done !== undefined) queueMicrotask(done);
      return true;
    }
    const bytes =
      typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8") : chunk;
    const part = bytes.length > allowance ? bytes.subarray(0, allowance) : bytes;
    allowance -= part.length;
    sent += part.length;
    meter.sent = sent;
    meter.onSent(part.length);
    const drained = write(part, done);
    if (allowance === 0) end();
    return drained;
  }
  socket.write = meteredWrite as Socket["write"];
  return meter;
}
