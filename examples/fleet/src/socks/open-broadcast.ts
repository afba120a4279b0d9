// Websockets on the service's port: what it is given goes to everybody who is connected.
import { once } from "node:events";
import type { Server } from "node:http";
import { WebSocketServer, WebSocket } from "ws";

export interface Broadcast {
  readonly clients: () => number;
  readonly send: (message: unknown) => void;
  /** Says goodbye (1001) and ends who does not go. */
  readonly close: () => Promise<void>;
}

/** A client that lets so many bytes pile up is ended. */
const BACKLOG_BYTES = 1_000_000;
const GOODBYE_MS = 1_000;
const GOING_AWAY = 1001;

/** `greeting` is the first message that a client gets. */
export function openBroadcast(server: Server, greeting: unknown): Broadcast {
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    // The end of a connection is told by its close; its error says no more.
    socket.on("error", () => undefined);
    socket.send(JSON.stringify(greeting));
  });
  return {
    clients: () => sockets.clients.size,
    send: (message) => {
      const text = JSON.stringify(message);
      for (const socket of sockets.clients) {
        if (socket.bufferedAmount > BACKLOG_BYTES) socket.terminate();
        else if (socket.readyState === WebSocket.OPEN) socket.send(text);
      }
    },
    close: async () => {
      const open = [...sockets.clients];
      const gone = Promise.all(open.map(async (socket) => once(socket, "close")));
      for (const socket of open) socket.close(GOING_AWAY, "the service stops");
      const timer = setTimeout(() => {
        for (const socket of open) socket.terminate();
      }, GOODBYE_MS);
      await gone;
      clearTimeout(timer);
      sockets.close();
    },
  };
}
