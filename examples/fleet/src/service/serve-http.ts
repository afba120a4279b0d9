// A small HTTP server: every service answers /health, Comlink more.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PortTaken } from "../errors.ts";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpServer {
  readonly port: number;
  /** For what shares the port: the websockets of Socks. */
  readonly server: Server;
  /** Takes no more connections, lets each request under way be answered, and ends the rest. */
  readonly drain: () => Promise<void>;
}

/** A request that takes longer, or a connection that never asked anything, is ended. */
const DRAIN_LIMIT_MS = 5_000;

/** Listens on 127.0.0.1; `port` 0 takes a free one. Throws PortTaken. */
export async function serveHttp(port: number, answer: (url: URL) => Promise<Answer>): Promise<HttpServer> {
  let isDraining = false;
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, body, headers } = await answerSafely(request, answer);
    response.writeHead(status, {
      "content-type": "application/json",
      // The client takes another connection for its next request, and does not write into one that is about to end.
      ...(isDraining ? { connection: "close" } : {}),
      ...headers,
    });
    response.end(JSON.stringify(body, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
  };
  const server = createServer((request, response) => {
    void respond(request, response);
  });
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === "EADDRINUSE" ? new PortTaken({ port, cause }) : cause;
  }
  return {
    port: (server.address() as AddressInfo).port,
    server,
    drain: async () => {
      isDraining = true;
      const closed = once(server, "close");
      // Ends the idle connections, too.
      server.close();
      const timer = setTimeout(() => server.closeAllConnections(), DRAIN_LIMIT_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function answerSafely(request: IncomingMessage, answer: (url: URL) => Promise<Answer>): Promise<Answer> {
  if (request.method !== "GET") return { status: 405, body: { error: "only GET is answered" } };
  try {
    return await answer(new URL(request.url ?? "/", "http://127.0.0.1"));
  } catch (error) {
    return { status: 500, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}
