import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultPlan } from "./fault.ts";
import { type JsonObject, parseJsonObject } from "./json-value.ts";
import { AnswerError, jsonAnswer, type ServerAnswer } from "./server-answer.ts";
import { meterSocket, type SocketMeter } from "./socket-meter.ts";

/** One request as the server saw it, and what became of it. */
export interface LoggedRequest {
  /** 0 for the first request of the server's life. */
  readonly index: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The JSON body; `{}` where it is no JSON object. */
  readonly body: JsonObject;
  /** Status that was sent; 0 while none was. */
  readonly status: number;
  /** Bytes of the answer that left, headers included. */
  readonly bytesSent: number;
  /** The whole answer left. */
  readonly answered: boolean;
  /** The client went away first. */
  readonly aborted: boolean;
}

/** What a route is given. */
export interface RoutedRequest extends LoggedRequest {
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export type Route = (request: RoutedRequest) => ServerAnswer | Promise<ServerAnswer>;

/** Options that every fake server takes. */
export interface FakeServerOptions {
  /** What goes wrong, and when. @defaultValue nothing */
  readonly faults?: FaultPlan | undefined;
  /** Fixed delay of every answer in ms, whatever is asked. @defaultValue 0 */
  readonly latencyMs?: number | undefined;
}

/** A running fake server. */
export interface FakeServer {
  /** `http://127.0.0.1:port`, no slash at the end. */
  readonly url: string;
  readonly port: number;
  /** All requests so far, oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** Connections accepted so far. */
  readonly socketsOpened: number;
  /** Body bytes taken in, and bytes of answers sent (headers included). */
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Ends every socket at once, hanging requests included, and stops listening. */
  close(): Promise<void>;
}

type Log = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] };

/** Starts an HTTP server on a free port of 127.0.0.1 that logs, counts and misbehaves as told, and answers through `route`. */
export async function startFakeServer(route: Route, options: FakeServerOptions = {}): Promise<FakeServer> {
  const { faults = () => undefined, latencyMs = 0 } = options;
  const requests: Log[] = [];
  const meters = new Map<Socket, SocketMeter>();
  const counts = { socketsOpened: 0, bytesReceived: 0, bytesSent: 0 };

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readBody(incoming);
    const log: Log = {
      index: requests.length,
      method: incoming.method ?? "GET",
      path: (incoming.url ?? "/").replace(/\?.*$/, ""),
      headers: incoming.headers,
      text,
      body: parseJsonObject(text) ?? {},
      status: 0,
      bytesSent: 0,
      answered: false,
      aborted: false,
    };
    requests.push(log);
    counts.bytesReceived += Buffer.byteLength(text);
    const meter = meters.get(incoming.socket)!;
    meter.onSent = (bytes) => {
      log.bytesSent += bytes;
      counts.bytesSent += bytes;
    };
    const abort = new AbortController();
    const fault = faults(log, log.index) ?? {};
    response.on("close", () => {
      if (!response.writableFinished && fault.cut === undefined && fault.silence === undefined) log.aborted = true;
      abort.abort();
    });
    if (fault.delayMs !== undefined) await sleep(fault.delayMs);
    if (fault.silence === "hang") return;
    if (fault.silence !== undefined) return meter.cutAfter(0, fault.silence);
    if (latencyMs > 0) await sleep(latencyMs);
    if (abort.signal.aborted) return;
    const real = fault.answer ?? (await run(route, { ...log, signal: abort.signal }));
    await send(response, await spoil(real, fault), log, () => {
      if (fault.cut !== undefined) meter.cutAfter(fault.cut.bytes, fault.cut.kind);
    });
  }

  const server = createServer((incoming, response) => {
    // What still throws here is a socket that is gone; the log says so.
    answer(incoming, response).catch(() => incoming.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  server.on("connection", (socket) => {
    counts.socketsOpened++;
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => meters.delete(socket));
    meters.set(socket, meterSocket(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    get socketsOpened() {
      return counts.socketsOpened;
    },
    get bytesReceived() {
      return counts.bytesReceived;
    },
    get bytesSent() {
      return counts.bytesSent;
    },
    close() {
      return new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of meters.keys()) socket.destroy();
      });
    },
  };
}

function readBody(incoming: IncomingMessage): Promise<string> {
  // Plain events: the async iterator of a stream costs more than the whole answer.
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => resolve(Buffer.concat(parts).toString("utf8")));
    incoming.on("error", reject);
  });
}

async function run(route: Route, request: RoutedRequest): Promise<ServerAnswer> {
  try {
    return await route(request);
  } catch (error) {
    if (error instanceof AnswerError) return error.answer;
    return jsonAnswer({ error: { message: `the fake server itself failed: ${String(error)}` } }, { status: 500 });
  }
}

async function spoil(answer: ServerAnswer, fault: Fault): Promise<ServerAnswer> {
  if (fault.rewrite === undefined) return answer;
  let body = "";
  if (typeof answer.body === "string") body = answer.body;
  else for await (const part of answer.body) body += part;
  return { ...answer, body: fault.rewrite(body) };
}

async function send(response: ServerResponse, answer: ServerAnswer, log: Log, arm: () => void): Promise<void> {
  // Without the date equal answers are equal byte for byte.
  response.sendDate = false;
  log.status = answer.status;
  const head = { "content-type": answer.contentType, ...answer.headers };
  arm();
  response.on("finish", () => {
    log.answered = true;
  });
  if (typeof answer.body === "string") {
    const bytes = Buffer.from(answer.body, "utf8");
    response.writeHead(answer.status, { ...head, "content-length": bytes.length });
    response.end(bytes);
    return;
  }
  response.writeHead(answer.status, head);
  for await (const part of answer.body) {
    if (response.destroyed) return;
    response.write(part);
  }
  response.end();
}
