// A PostgreSQL server that is killed and started again, on the same port and data.
import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Secret } from "@tidegate/kernel";
import { startEmbedded } from "@tidegate/postgres";

export interface KillablePostgres {
  readonly url: Secret;
  /** SIGKILL of the postmaster, whose children go with it; resolves when the server answers again. */
  readonly kill: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What it has answered must be there after a kill; only a crash of the machine may lose it. */
const SETTINGS = { fsync: "off", max_connections: "200" };

export async function startKillablePostgres(): Promise<KillablePostgres> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "tidegate-storm-postgres-")));
  // As root, the server's own account must be able to pass.
  await chmod(dir, 0o711);
  const start = async (port: number) =>
    startEmbedded({
      dataDir: join(dir, "data"),
      port,
      database: "storm",
      logFile: join(dir, "server.log"),
      settings: SETTINGS,
      durable: false,
    });
  let server = await start(0);
  const { port, url } = server;
  return {
    url,
    kill: async () => {
      process.kill(server.pid, "SIGKILL");
      await server.waitForExit();
      server = await start(port);
    },
    close: async () => {
      await server.stop("immediate");
      await rm(dir, { recursive: true, force: true });
    },
  };
}
