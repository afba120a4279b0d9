// GET /health, GET /status and GET /metrics, for supervisors and Prometheus, on 127.0.0.1 alone.
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { HealthPortTaken } from "../errors.ts";
import type { IndexerState } from "./indexer-state.ts";
import { renderMetrics } from "./render-metrics.ts";

export interface HealthServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Listens at once; throws HealthPortTaken. 503 while the indexer starts; 200 otherwise, since a restart helps no endpoint. */
export async function serveHealth(options: {
  /** 0 for any free port. */
  readonly port: number;
  readonly state: () => IndexerState;
}): Promise<HealthServer> {
  const server = createServer((request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD")
      answer(response, 405, "text/plain", "Method Not Allowed\n");
    else if (request.url === "/health") answerHealth(response, options.state());
    else if (request.url === "/status") answerStatus(response, options.state());
    else if (request.url === "/metrics") {
      answer(response, 200, "text/plain; version=0.0.4", renderMetrics(options.state(), process.memoryUsage.rss()));
    } else answer(response, 404, "text/plain", "Not Found\n");
  });
  try {
    server.listen(options.port, "127.0.0.1");
    await once(server, "listening");
  } catch (cause) {
    throw new HealthPortTaken({ port: options.port, cause });
  }
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Block numbers go as JSON numbers: they stay below 2^53 for as long as there are blocks. */
function answerHealth(response: ServerResponse, state: IndexerState): void {
  answer(response, state.status === "starting" ? 503 : 200, "application/json", `${JSON.stringify(healthOf(state))}\n`);
}

/** Health, and what an operator asks next: which blocks are covered, what is missing, what did not decode, what was undone. */
function answerStatus(response: ServerResponse, state: IndexerState): void {
  const { standing } = state;
  const body = {
    ...healthOf(state),
    coverage:
      standing?.coverage.map(({ from, to, toHash }) => ({ from: Number(from), to: Number(to), toHash })) ?? null,
    gaps: standing?.gaps.map(({ from, to }) => ({ from: Number(from), to: Number(to) })) ?? null,
    deadLetters: numberOf(standing?.deadLetters),
    reorgs: numberOf(standing?.reorgs),
    refusedAnswers: state.refusedAnswers,
    gapsFilled: state.gapsFilled,
  };
  answer(response, state.status === "starting" ? 503 : 200, "application/json", `${JSON.stringify(body)}\n`);
}

function healthOf(state: IndexerState): Readonly<Record<string, unknown>> {
  const { progress } = state;
  return {
    status: state.status,
    service: "market-indexer",
    chainId: numberOf(state.chainId),
    head: numberOf(progress?.head),
    indexedBlock: numberOf(progress?.indexedBlock),
    lagBlocks: numberOf(progress?.lagBlocks),
    events: progress?.events ?? 0,
    eventsPerSecond: Math.round((progress?.eventsPerSecond ?? 0) * 10) / 10,
    retries: state.retries,
    ...(state.lastError === undefined ? {} : { error: state.lastError }),
  };
}

function numberOf(value: bigint | undefined): number | null {
  return value === undefined ? null : Number(value);
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
}
