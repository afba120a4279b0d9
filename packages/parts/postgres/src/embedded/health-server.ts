// GET /health for a supervisor: healthy means that a query was answered just now.
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describeError } from "@tidegate/kernel";
import { PostgresPortTaken } from "../errors/embedded-errors.ts";

export interface Health {
  readonly pid: number;
  readonly version: string;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** `look` resolves when the server answers, undefined when it does not (yet). Port 0 takes a free one. */
export async function startHealthServer(port: number, look: () => Promise<Health | undefined>): Promise<HealthServer> {
  const server = createServer((request, response) => {
    if (request.url !== "/health")
      return answer(response, 404, { error: "not_found", message: "There is GET /health." });
    look().then(
      (health) => {
        if (health !== undefined) return answer(response, 200, { status: "healthy", ...health });
        return answer(response, 503, { status: "unhealthy", error: "unreachable", message: "No answer to a query." });
      },
      (error: unknown) => {
        answer(response, 503, { status: "unhealthy", error: "failed", message: describeError(error) });
      },
    );
  });
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    const setting = { flag: "--health-port", variable: "TIDEGATE_POSTGRES_HEALTH_PORT" };
    throw new PostgresPortTaken({ port, setting, cause });
  }
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function answer(response: ServerResponse, status: number, body: Readonly<Record<string, unknown>>): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
