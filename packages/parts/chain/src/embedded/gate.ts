// The address that clients use, in front of anvil, which cannot change its port. While anvil is started anew and replays its blocks
// the gate is shut: clients wait, so none of them sees a head that went back, and none slips a transaction into a replayed block.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { ChainPortTaken } from "./errors.ts";

export interface Gate {
  readonly port: number;
  /** Lets the waiting and all later connections through to this port. */
  open(targetPort: number): void;
  /** Ends the connections; new ones wait for `open`. */
  shut(): void;
  /** Holds back what clients send on open connections; answers still flow. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

interface Passage {
  readonly client: Socket;
  readonly upstream: Socket;
}

/** Listens on 127.0.0.1 (`port` 0: any free one), shut; ChainPortTaken when another program has the port. */
export async function createGate(port: number): Promise<Gate> {
  const waiting = new Set<Socket>();
  const passages = new Set<Passage>();
  let target: number | undefined;
  let paused = false;

  const letThrough = (client: Socket, targetPort: number): void => {
    const upstream = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    const passage = { client, upstream };
    passages.add(passage);
    const end = (): void => {
      passages.delete(passage);
      client.destroy();
      upstream.destroy();
    };
    // A connection that breaks on one side breaks on the other: clients of JSON-RPC know what to do about that.
    for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
    upstream.pipe(client);
    if (!paused) client.pipe(upstream);
  };

  const server = await listen(port, (client) => {
    client.setNoDelay(true);
    if (target !== undefined) return letThrough(client, target);
    waiting.add(client);
    client.on("error", () => client.destroy()).on("close", () => waiting.delete(client));
  });

  const shut = (): void => {
    target = undefined;
    for (const { client, upstream } of passages) {
      client.destroy();
      upstream.destroy();
    }
    passages.clear();
  };

  return {
    port: (server.address() as AddressInfo).port,
    open: (targetPort) => {
      target = targetPort;
      for (const client of waiting) letThrough(client, targetPort);
      waiting.clear();
    },
    shut,
    pause: () => {
      paused = true;
      for (const { client, upstream } of passages) client.unpipe(upstream).pause();
    },
    resume: () => {
      paused = false;
      for (const { client, upstream } of passages) client.pipe(upstream);
    },
    close: async () => {
      shut();
      for (const client of waiting) client.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function listen(port: number, onConnection: (client: Socket) => void): Promise<Server> {
  const server = createServer({ pauseOnConnect: true }, onConnection);
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === "EADDRINUSE" ? new ChainPortTaken({ port, cause }) : cause;
  }
  return server;
}
