// GET /health for a supervisor: 200 when the process does its work, 503 while it does not.
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EXIT, TidegateError } from "@tidegate/kernel";

export interface Health {
  readonly status: "healthy" | "unhealthy";
  readonly [fact: string]: unknown;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

class HealthPortTaken extends TidegateError {
  override readonly name = "HealthPortTaken";
  constructor(facts: { port: number; cause: unknown }) {
    super({
      code: "market.health-port-taken",
      message: `Port ${facts.port} of 127.0.0.1 is taken by another program. The process was not started.`,
      remedy: "Stop that program, or choose another port for the health check.",
      details: { port: facts.port },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.partDown,
    });
  }
}

/** Listens on 127.0.0.1; `port` 0 takes any free one. `look` must answer within a second or two. */
export async function serveHealth(port: number, look: () => Health | Promise<Health>): Promise<HealthServer> {
  const answer = async (): Promise<Health> => {
    try {
      return await look();
    } catch (error) {
      return { status: "unhealthy", reason: error instanceof Error ? error.message : String(error) };
    }
  };
  const respond = async (response: ServerResponse): Promise<void> => {
    const health = await answer();
    response.writeHead(health.status === "healthy" ? 200 : 503, { "content-type": "application/json" });
    response.end(JSON.stringify(health));
  };
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/health") return void response.writeHead(404).end();
    void respond(response);
  });
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === "EADDRINUSE" ? new HealthPortTaken({ port, cause }) : cause;
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
