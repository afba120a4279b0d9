// Serving an app on a port of this machine, with an error that says which port and what to do.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, RequestError } from "@hono/node-server";
import { EXIT, TidegateError } from "@tidegate/kernel";

export interface ListenOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Answers a request that no app can be asked about: a bad Host header, a backslash in the path. Default 400 without a body. */
  readonly refuse?: (reason: string) => Response;
}

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Takes no more requests, and resolves when those under way are answered. */
  readonly close: () => Promise<void>;
}

/** The address cannot be listened on: taken, forbidden, or not of this machine. */
class CannotListen extends TidegateError {
  override readonly name = "CannotListen";
  constructor(facts: { readonly host: string; readonly port: number; readonly cause: NodeJS.ErrnoException }) {
    const isTaken = facts.cause.code === "EADDRINUSE";
    super({
      code: isTaken ? "http.port-taken" : "http.cannot-listen",
      message: isTaken
        ? `Port ${facts.port} on ${facts.host} is taken by another program. Nothing was started.`
        : `${facts.host}:${facts.port} cannot be listened on (${facts.cause.code ?? facts.cause.message}). Nothing was started.`,
      remedy: isTaken
        ? `End that program (\`ss -ltnp\` names it), or choose another port with --port; 0 takes a free one.`
        : "Choose an address of this machine with --host, and a port above 1023 with --port.",
      details: { host: facts.host, port: facts.port },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.partDown,
    });
  }
}

/** Resolves once connections are accepted; throws CannotListen. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const refuse = options.refuse ?? (() => new Response(null, { status: 400 }));
  const listener = getRequestListener(options.fetch, {
    // Apps answer their own errors; anything else that arrives here is a mistake of ours.
    errorHandler: (error) =>
      error instanceof RequestError ? refuse(error.message) : new Response(null, { status: 500 }),
  });
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(new CannotListen({ ...options, cause })));
    server.listen(options.port, options.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port, close: async () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
}
