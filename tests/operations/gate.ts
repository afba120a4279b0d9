// A TCP gate before a database: whole, cut without a word, or broken.
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { Secret } from "@tidegate/kernel";

export interface Gate {
  readonly url: Secret;
  /** From now on nothing passes, and nobody is told. */
  cut(): void;
  breakAll(): void;
  close(): void;
}

export async function openGate(url: Secret): Promise<Gate> {
  const target = new URL(url.reveal());
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("data", (data) => {
        if (!isCut) to.write(data);
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        sockets.delete(from);
        if (!isCut) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const through = new URL(target);
  through.port = String((server.address() as AddressInfo).port);
  const breakAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: new Secret(through.href),
    cut: () => {
      isCut = true;
    },
    breakAll,
    close: () => {
      breakAll();
      server.close();
    },
  };
}
