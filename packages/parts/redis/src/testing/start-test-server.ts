// A real server for tests: in memory, on a socket of its own, gone with whoever started it, also when that is killed.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret, waitUntil } from "@tidegate/kernel";
import { installServer } from "../embedded/install-server.ts";
import { serverArguments } from "../embedded/server-arguments.ts";
import { withRedis } from "../with-redis.ts";

export interface TestRedis {
  readonly url: Secret;
  readonly port: number;
  readonly pid: () => number | undefined;
  readonly kill: () => Promise<void>;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** `read` returns at our word or at our death; bash, because only its exec can give a program another name. */
const WATCHED = `(exec -a "$0" "$@") & pid=$!; read -r word; kill -9 $pid; wait $pid`;

/** Throws PartIsOff where there is none and none can be installed. `args` as on the server's command line. */
export async function startTestServer(args: readonly string[] = []): Promise<TestRedis> {
  const server = await installServer();
  const dataDir = await mkdtemp(join(tmpdir(), "tidegate-test-redis-"));
  const port = await freePort();
  const url = new Secret(`redis://127.0.0.1:${port}`);
  const launch = (): ChildProcess => {
    const command = [server.argv0, server.path, ...serverArguments({ dataDir, port }), ...args];
    const child = spawn("bash", ["-c", WATCHED, ...command], { stdio: ["pipe", "ignore", "ignore"] });
    child.stdin?.on("error", () => undefined);
    return child;
  };
  const untilReady = async (): Promise<void> => {
    await waitUntil(async () => withRedis({ url, timeoutMs: 1_000, reconnectMs: 1 }, async () => true).catch(isUp), {
      what: `redis-server answering on port ${port}`,
      limitMs: 20_000,
      remedy: `Start ${server.path} by hand to see why it does not.`,
    });
  };
  let child = launch();
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    const exited = once(child, "exit");
    child.stdin?.end("stop\n");
    await exited;
  };
  await untilReady();
  return {
    url,
    port,
    pid: () => child.pid,
    kill,
    restart: async () => {
      child = launch();
      await untilReady();
    },
    stop: async () => {
      await kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A server that wants a password answers, too. */
function isUp(error: unknown): true | undefined {
  return error instanceof Error && error.name !== "RedisUnreachable" ? true : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
