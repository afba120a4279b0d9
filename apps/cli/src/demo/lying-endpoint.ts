// A JSON-RPC endpoint that hands everything on to another, and leaves some logs out of what comes back, without an error.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface LyingEndpoint {
  readonly url: string;
  /** Logs that it has kept to itself so far. */
  readonly withheld: () => number;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly result?: unknown;
}

/** Leaves out every log with this first topic, whenever logs are asked for. */
export async function startLyingEndpoint(target: string, topic0: string): Promise<LyingEndpoint> {
  let withheld = 0;
  const isTold = (log: unknown): boolean => {
    const isWithheld = (log as { topics?: readonly string[] }).topics?.[0] === topic0;
    if (isWithheld) withheld++;
    return !isWithheld;
  };
  const bend = (answer: Answer): Answer =>
    Array.isArray(answer.result) ? { ...answer, result: answer.result.filter(isTold) } : answer;
  const handle = async (request: IncomingMessage): Promise<string> => {
    const body = await text(request);
    const headers = { "content-type": "application/json" };
    const answered = await fetch(target, { method: "POST", headers, body, signal: AbortSignal.timeout(30_000) });
    const answer = (await answered.json()) as Answer | readonly Answer[];
    if (!body.includes('"eth_getLogs"')) return JSON.stringify(answer);
    return JSON.stringify(Array.isArray(answer) ? answer.map(bend) : bend(answer as Answer));
  };
  const server = createServer((request, response) => {
    handle(request).then(
      (answer) => response.writeHead(200, { "content-type": "application/json" }).end(answer),
      () => response.writeHead(502).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    withheld: () => withheld,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
