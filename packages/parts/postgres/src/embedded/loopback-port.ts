// Ports on 127.0.0.1: is this one free, and which one is?
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { PostgresPortTaken } from "../errors/embedded-errors.ts";

/** Listens for a moment on the port, 0 for any free one, and returns it; throws PostgresPortTaken. */
export async function claimLoopbackPort(port: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EADDRINUSE") throw new PostgresPortTaken({ port, cause });
    throw cause;
  } finally {
    server.close();
  }
}
