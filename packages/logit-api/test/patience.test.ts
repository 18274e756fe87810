import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { jsonAnswer, startFakeServer } from "@tokenmark/testkit";
import { describe, expect, it } from "vitest";
import { llamaServer } from "../src/index.ts";
import { toyServer } from "./toy-server.ts";

const patient = { retryDelayMs: 1, topLogprobs: 3 };

describe("Retry-After", () => {
  /** A server that answers 429 with this header, the times at which it was asked, and what came of asking. */
  async function limited(retryAfter: string, retries: number) {
    const times: number[] = [];
    const server = await startFakeServer(() => {
      times.push(performance.now());
      return jsonAnswer({ error: "busy" }, { status: 429, headers: { "retry-after": retryAfter } });
    });
    const source = llamaServer({ baseURL: server.url, retries, retryDelayMs: 20 });
    const error = (await source.encode("mama").catch((thrown: unknown) => thrown)) as Error;
    await server.close();
    return { error, waits: times.slice(1).map((time, i) => time - times[i]!) };
  }

  it.each([
    ["", "blank"],
    ["0", "zero"],
    ["Mon, 01 Jan 2001 00:00:00 GMT", "a date that has passed"],
    ["soon", "no time at all"],
  ])("%j (%s) never makes a wait shorter than the back-off", async (retryAfter) => {
    const { error, waits } = await limited(retryAfter, 2);
    expect(error).toMatchObject({ code: "rate-limited" });
    expect(waits.length).toBe(2);
    expect(waits[0]).toBeGreaterThanOrEqual(19);
    expect(waits[1]).toBeGreaterThanOrEqual(39);
  });

  it("as a date is waited for", async () => {
    const { waits } = await limited(new Date(Date.now() + 2000).toUTCString(), 1);
    expect(waits[0]).toBeGreaterThan(500);
  });

  it("of more than a minute ends the asking, and the message says how long", async () => {
    const { error, waits } = await limited("3600", 5);
    expect(waits).toEqual([]);
    expect(error.message).toMatch(/asks to slow down \(status 429\): busy; it asks to wait 3600 s$/);
  });
});

describe("what asking again cannot change is asked once, and said in words", () => {
  it("something that speaks no HTTP", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.on("error", () => {});
      socket.end("SSH-2.0-OpenSSH_9.9\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const source = llamaServer({ baseURL: `http://127.0.0.1:${port}`, ...patient });
    await expect(source.encode("mama")).rejects.toMatchObject({
      code: "network",
      message: expect.stringContaining("what listens there does not speak HTTP; check the port"),
    });
    expect(connections).toBe(1);
    server.close();
  });

  it("https where http is spoken", async () => {
    const url = (await toyServer()).url.replace("http:", "https:");
    await expect(llamaServer({ baseURL: url, ...patient }).encode("mama")).rejects.toMatchObject({
      code: "network",
      message: expect.stringContaining("does not speak https; try http"),
    });
  });

  it("the platform's own patience is a timeout", async () => {
    let asked = 0;
    const fetch = async (): Promise<Response> => {
      asked++;
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "UND_ERR_HEADERS_TIMEOUT" }) });
    };
    const source = llamaServer({ baseURL: "http://127.0.0.1:1", fetch, ...patient });
    await expect(source.encode("mama")).rejects.toMatchObject({
      code: "timeout",
      message: expect.stringContaining("no answer within the 300 s that the platform's fetch waits"),
    });
    expect(asked).toBe(1);
  });

  it("a body that trickles for ever ends at the timeout", async () => {
    async function* drops(): AsyncGenerator<string> {
      for (;;) {
        yield " ";
        await sleep(20);
      }
    }
    const server = await startFakeServer(() => ({ status: 200, contentType: "application/json", body: drops() }));
    const source = llamaServer({ baseURL: server.url, ...patient, timeoutMs: 200 });
    await expect(source.encode("mama")).rejects.toMatchObject({ code: "timeout" });
    expect(server.requests.length).toBe(1);
    await server.close();
  });
});

it("a server's words cannot drive the terminal", async () => {
  const server = await startFakeServer(() => jsonAnswer({ error: "\u001b[2Jboom\u0007" }, { status: 400 }));
  const error = await llamaServer({ baseURL: server.url }).encode("mama").catch(String);
  expect(error).toMatch(/status 400: \[2Jboom$/);
  await server.close();
});
