// A port that nobody has at this moment. Somebody may take it in the next: whoever uses it tries again.
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** A free TCP port of 127.0.0.1. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
