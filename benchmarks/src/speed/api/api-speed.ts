import type { Key } from "@tokenmark/core";
import { prompts } from "@tokenmark/demo-model";
import { textTable } from "../../report-table.ts";
import { type ClientOverhead, measureClientOverhead } from "./client-overhead.ts";
import { measureRealEngine, type RealEngineSpeed } from "./real-engine.ts";
import { measureRoundTrips, type RoundTripOptions, type RoundTripRow } from "./round-trips.ts";

/** What marking through a server costs. */
export interface ApiSpeed {
  readonly overhead: ClientOverhead;
  /** The fixed delay of an answer in ms. */
  readonly latencyMs: number;
  readonly roundTrips: readonly RoundTripRow[];
  /** Null where node-llama-cpp is not installed. */
  readonly realEngine: RealEngineSpeed | null;
}

/** Measures the client's own time, round trips with and without drafts, and the real engine. */
export async function measureApi(
  key: Key,
  options: { readonly quick: boolean; readonly model: RoundTripOptions["model"] | null },
): Promise<ApiSpeed> {
  const { quick, model } = options;
  const latencyMs = 5;
  return {
    overhead: await measureClientOverhead(key, { topLogprobs: 100, tokens: quick ? 40 : 120, runs: quick ? 5 : 25 }),
    latencyMs,
    roundTrips:
      model === null
        ? []
        : await measureRoundTrips(key, {
            model,
            temperatures: quick ? [0.3, 1] : [0.3, 0.5, 1],
            prompts: [0, 7, 14, 21].slice(0, quick ? 1 : 4).map((i) => prompts[i]!),
            tokens: quick ? 60 : 150,
            latencyMs,
          }),
    realEngine: await measureRealEngine(key, { tokens: quick ? 40 : 200, runs: quick ? 2 : 9 }),
  };
}

/** As lines for a terminal. */
export function apiTables({ overhead, latencyMs, roundTrips, realEngine }: ApiSpeed): readonly string[] {
  const lines = [
    `Through a server: our own time a token at top-${overhead.topLogprobs} (${(overhead.answerBytes / 1000).toFixed(1)} kB an answer; JSON.parse of it alone takes ${overhead.parseMilliseconds.toFixed(3)} ms, a bare exchange on loopback ${overhead.bareMilliseconds.toFixed(2)} ms)`,
    textTable(
      ["scheme", "ms", "share of an exchange"],
      overhead.rows.map((row) => [
        row.scheme,
        row.milliseconds.toFixed(3),
        `${(100 * row.shareOfExchange).toFixed(1)} %`,
      ]),
    ),
  ];
  if (roundTrips.length > 0) {
    lines.push(
      "",
      `Round trips of ${roundTrips[0]!.tokens} tokens, a server of ${latencyMs} ms over the bundled model: one question a token, and drafts`,
      textTable(
        ["temperature", "scheme", "one a token", "drafts", "fewer", "wasted positions", "time", "same tokens"],
        roundTrips.map((row) => [
          row.temperature,
          row.scheme,
          row.each,
          row.drafts,
          `${(row.each / row.drafts).toFixed(2)} x`,
          row.wasted,
          `${(row.eachMilliseconds / row.draftsMilliseconds).toFixed(2)} x`,
          row.identical ? "yes" : "NO",
        ]),
      ),
    );
  }
  lines.push(
    "",
    realEngine === null
      ? "llama.cpp in this process: not installed (npx -y pnpm@10 run engine:install)"
      : `llama.cpp in this process, a tiny model, top-100: ${realEngine.engineMilliseconds.toFixed(2)} ms a token for the scores alone, ${realEngine.markedMilliseconds.toFixed(2)} ms marked with gumbel`,
  );
  return lines;
}
