// A model server that marks what it streams. Each request has a sampler, a history and a key of its own state; all share the model.
//   node --conditions=@tokenmark/source --import tsx examples/streaming-server.ts [model folder]
//   curl -N -d '{"prompt":"The people of the city","seed":7}' http://localhost:8080/
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pathToFileURL } from "node:url";
import { createScheme, defaultSchemeConfig, Key, TokenmarkError } from "@tokenmark/core";
import { dtype, modelFolder } from "@tokenmark/demo-model";
import { createGenerator, type Generator } from "@tokenmark/transformers";

/** Continues prompts: POST {"prompt": …, "maxTokens"?: …, "seed"?: …}; the answer is the text, in chunks as it is written. */
export function createMarkingServer(generator: Generator, key: Key): Server {
  const scheme = createScheme(defaultSchemeConfig("synthid"), key);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const { prompt, maxTokens = 120, seed } = JSON.parse(body);
    if (typeof prompt !== "string")
      throw new TokenmarkError("bad-argument", "prompt: wanted a string, got something else");
    // A client that leaves frees the model for the others.
    const left = new AbortController();
    response.on("close", () => left.abort());
    const options = { scheme, maxTokens, endTokens: [], signal: left.signal, ...(seed === undefined ? {} : { seed }) };
    for await (const piece of generator.stream(prompt, options)) {
      if (!response.headersSent) response.setHeader("content-type", "text/plain; charset=utf-8");
      response.write(piece);
    }
    response.end();
  }

  function refuse(response: ServerResponse, error: unknown): void {
    if (response.headersSent) {
      response.destroy(); // too late for a status: an answer that breaks off is no answer
      return;
    }
    const known = error instanceof TokenmarkError || error instanceof SyntaxError;
    response.writeHead(known ? 400 : 500, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: known ? error.message : "internal error" }));
  }

  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, error));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const generator = await createGenerator(process.argv[2] ?? modelFolder, { dtype });
  const key = process.env.TOKENMARK_KEY ? Key.fromHex(process.env.TOKENMARK_KEY) : Key.random();
  createMarkingServer(generator, key).listen(8080, () =>
    console.log(`http://localhost:8080/ marks with key ${key.id}`),
  );
}
