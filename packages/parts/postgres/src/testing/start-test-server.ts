// The server of a test run: embedded, fast rather than durable, and gone with the run however that ends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Secret } from "@tidegate/kernel";
import { startEmbedded } from "../embedded/start-embedded.ts";

export interface TestServer {
  readonly url: Secret;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
}

/** Nothing here need survive a crash of the machine. */
const FAST: Readonly<Record<string, string>> = {
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
  max_connections: "200",
  autovacuum_naptime: "10min",
};

/**
 * Starts a server in a new temporary folder on a free port.
 *
 * A run that is killed cannot stop it: a watchdog process reads a pipe from us, sees its end, stops the server and removes the folder.
 */
export async function startTestServer(): Promise<TestServer> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "tidegate-test-postgres-")));
  const watchdog = startWatchdog(dir);
  const remove = async (): Promise<void> => {
    await rm(dir, { recursive: true, force: true });
    await watchdog.dismiss();
  };
  try {
    // As root, the server's own account must be able to pass.
    await chmod(dir, 0o711);
    const server = await startEmbedded({
      dataDir: join(dir, DATA),
      port: 0,
      database: "tests",
      logFile: join(dir, "server.log"),
      settings: FAST,
      durable: false,
    });
    const stop = async (): Promise<void> => {
      await server.stop("immediate");
      await remove();
    };
    return { url: server.url, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

const DATA = "data";

/**
 * $1 the folder to remove, $2 the cluster in it. `read` returns at our word or at our death. The pid is checked against the
 * cluster, since it may be another program's by then; initdb, if it still runs, ends when its folder is gone.
 */
const WATCHDOG = `
if read -r word; then exit 0; fi
pid="$(head -n 1 "$2/postmaster.pid")"
if [ "$(readlink "/proc/$pid/cwd")" = "$2" ]; then kill -QUIT "$pid"; fi
while [ "$(readlink "/proc/$pid/cwd")" = "$2" ]; do sleep 0.1; done
for try in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1"; sleep 0.5; [ -e "$1" ] || exit 0; done
`;

function startWatchdog(dir: string): { dismiss(): Promise<void> } {
  const child = spawn("sh", ["-c", WATCHDOG, "tidegate-watchdog", dir, join(dir, DATA, "cluster")], {
    stdio: ["pipe", "ignore", "ignore"],
    // Not of our process group: what kills the group must not kill the watchdog.
    detached: true,
    cwd: "/",
  });
  child.unref();
  // A watchdog that ends early is seen by dismiss; writing to it must not end the run.
  child.stdin.on("error", () => undefined);
  const exited = once(child, "exit");
  return {
    dismiss: async () => {
      // While it is awaited it must hold the event loop, or the process ends here.
      child.ref();
      child.stdin.end("dismissed\n");
      await exited;
    },
  };
}
