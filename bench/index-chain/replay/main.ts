// The replay server: one process that serves kept chains, the same bytes to whoever asks. `POST /<chain>` is its JSON-RPC,
// `POST /<chain>/control` sets head, latency and cap, `GET /<chain>/stats` says what was asked since the last `POST /<chain>/reset`.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { answerCall, type ReplayState, type RpcCall } from "./answer-call.ts";
import { openChain, type OpenChain } from "./open-chain.ts";
import type { ReplayStats } from "./start-replay.ts";

interface Served {
  readonly chain: OpenChain;
  readonly state: ReplayState;
  stats: ReplayStats;
}

const MAX_LOGS = 10_000;
/** A batch's pieces are joined up to this size: many small writes cost more than one copy. */
const JOINED_BYTES = 4 * 2 ** 20;

const OPEN = Buffer.from("[");
const COMMA = Buffer.from(",");
const CLOSE = Buffer.from("]");

const chains = new Map<string, Served>(
  process.argv.slice(2).map((folder) => {
    const chain = openChain(folder);
    const state = { head: chain.facts.lastBlock, latencyMs: 0, maxLogs: MAX_LOGS };
    return [chain.facts.shape.name, { chain, state, stats: emptyStats() }];
  }),
);

function emptyStats(): ReplayStats {
  return { requests: 0, calls: {}, refused: 0, bytes: 0, firstLogsAt: null, cpuSeconds: 0 };
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, name = "", action = ""] = (request.url ?? "").split("/");
  const served = chains.get(name);
  const body = await buffer(request);
  if (served === undefined) {
    response.writeHead(404).end();
    return;
  }
  switch (action) {
    case "stats": {
      const { user, system } = process.cpuUsage();
      response.end(JSON.stringify({ ...served.stats, cpuSeconds: (user + system) / 1e6 }));
      return;
    }
    case "reset":
      served.stats = emptyStats();
      response.end();
      return;
    case "control":
      Object.assign(served.state, JSON.parse(body.toString()));
      response.end();
      return;
    default:
      if (served.state.latencyMs === 0) answer(served, body, response);
      else setTimeout(() => answer(served, body, response), served.state.latencyMs);
  }
}

function answer(served: Served, body: Buffer, response: ServerResponse): void {
  const asked = JSON.parse(body.toString()) as RpcCall | readonly RpcCall[];
  const pieces = Array.isArray(asked)
    ? [
        OPEN,
        ...(asked as readonly RpcCall[]).flatMap((call, index) => [
          ...(index === 0 ? [] : [COMMA]),
          ...answerOne(served, call),
        ]),
        CLOSE,
      ]
    : answerOne(served, asked as RpcCall);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  served.stats.requests++;
  served.stats.bytes += length;
  response.writeHead(200, { "content-type": "application/json", "content-length": length });
  if (length < JOINED_BYTES) {
    response.end(Buffer.concat(pieces, length));
    return;
  }
  response.cork();
  for (const piece of pieces) response.write(piece);
  response.end();
  response.uncork();
}

function answerOne({ chain, state, stats }: Served, call: RpcCall): Buffer[] {
  if (call.method === "eth_getLogs") stats.firstLogsAt ??= Date.now();
  stats.calls[call.method] = (stats.calls[call.method] ?? 0) + 1;
  const pieces = answerCall(chain, state, call);
  if (pieces.length === 1) stats.refused++;
  return pieces;
}

const server = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(JSON.stringify({ port: typeof address === "object" ? address?.port : null }));
});
// Ends with the bench, however that ends.
process.stdin.resume().once("end", () => process.exit(0));
