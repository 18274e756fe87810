import { generate, type Key } from "@tokenmark/core";
import { llamaServer } from "@tokenmark/logit-api";
import { createToySource, createToyVocabulary, startFakeLlamaServer } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { median } from "../../timing.ts";
import { markingCases } from "../cases.ts";

/** What marking through a server costs on the client's side. */
export interface ClientOverhead {
  readonly topLogprobs: number;
  /** Bytes of one answer's body. */
  readonly answerBytes: number;
  /** Milliseconds that `JSON.parse` alone takes for one answer; in the rows' figures too. */
  readonly parseMilliseconds: number;
  /** Milliseconds of a bare exchange of the same bytes over loopback: fetch, and the text of the answer. */
  readonly bareMilliseconds: number;
  readonly rows: readonly {
    readonly scheme: string;
    /** Milliseconds a token of our own code: parsing JSON, checks, sampling, mark, text; no HTTP. */
    readonly milliseconds: number;
    /** The same over a bare exchange. */
    readonly shareOfExchange: number;
  }[];
}

const PROMPT = [300, 12, 40, 7, 9];
const VOCABULARY = 1024;

/**
 * Our own time is measured with the answers at hand: a text is written through a server once, its exchanges are kept, and the same text is
 * written again with a `fetch` that hands the kept answers over. What is left is ours alone.
 */
export async function measureClientOverhead(
  key: Key,
  options: { readonly topLogprobs: number; readonly tokens: number; readonly runs: number },
): Promise<ClientOverhead> {
  const { topLogprobs, tokens, runs } = options;
  const vocabulary = createToyVocabulary({ size: VOCABULARY });
  const source = createToySource({ seed: "speed", vocabularySize: VOCABULARY });
  const server = await startFakeLlamaServer({ source, vocabulary, contextLength: 4096 });
  try {
    const bare: number[] = [];
    const rows: ClientOverhead["rows"][number][] = [];
    const parse: number[] = [];
    let answerBytes = 0;
    for (const { name, scheme } of markingCases(key)) {
      const kept = new Map<string, { readonly body: string; readonly text: string }>();
      const write = async (fetch: typeof globalThis.fetch): Promise<void> => {
        const through = llamaServer({ baseURL: server.url, topLogprobs, fetch });
        const random = seedrandom.alea("client");
        const settings = { scheme, maxTokens: tokens, temperature: 0.9, random, speculate: false };
        for await (const _ of generate(through, PROMPT, settings));
      };
      const url = `${server.url}/completion`;
      await write(async (input, init) => {
        const response = await fetch(input, init);
        const text = await response.text();
        kept.set(`${input}\n${init!.body}`, { body: String(init!.body), text });
        return new Response(text, { status: response.status });
      });
      const own: number[] = [];
      const atHand: typeof globalThis.fetch = async (input, init) => {
        const { text } = kept.get(`${input}\n${init!.body}`)!;
        return { ok: true, status: 200, headers: EMPTY, text: async () => text } as Response;
      };
      const exchanges = [...kept.values()].filter(({ text }) => text.includes("completion_probabilities"));
      for (let run = -3; run < runs; run++) {
        const start = performance.now();
        await write(atHand);
        if (run >= 0) own.push((performance.now() - start) / tokens);
      }
      const since = performance.now();
      for (const { body } of exchanges) {
        answerBytes = (await (await fetch(url, { method: "POST", body })).text()).length;
      }
      bare.push((performance.now() - since) / exchanges.length);
      for (let run = 0; run < runs; run++) {
        const start = performance.now();
        for (const { text } of exchanges) JSON.parse(text);
        parse.push((performance.now() - start) / exchanges.length);
      }
      const milliseconds = median(own);
      rows.push({ scheme: name, milliseconds, shareOfExchange: milliseconds / bare.at(-1)! });
    }
    return { topLogprobs, answerBytes, parseMilliseconds: median(parse), bareMilliseconds: median(bare), rows };
  } finally {
    await server.close();
  }
}

const EMPTY = new Headers();
