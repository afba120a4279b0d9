// For the tests of this folder: temporary folders that the server's account can traverse, and the end of what runs in them.
import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EmbeddedServer } from "./start-embedded.ts";

export interface TestFolder {
  readonly path: string;
  /** Stops the servers that were noted. */
  stop(): Promise<void>;
  /** Stops them and removes the folder. */
  remove(): Promise<void>;
  /** Notes a server to stop at the end; returns it. */
  note(server: EmbeddedServer): EmbeddedServer;
}

export async function createTestFolder(): Promise<TestFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "tidegate-embedded-")));
  await chmod(path, 0o711);
  const servers: EmbeddedServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.splice(0).map((server) => server.stop("immediate")));
  };
  return {
    path,
    stop,
    note: (server) => {
      servers.push(server);
      return server;
    },
    remove: async () => {
      await stop();
      await rm(path, { recursive: true, force: true });
    },
  };
}
