// MiniStack as a server of its own for a test: in memory, on a free port of 127.0.0.1, gone with whoever started it.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PartIsOff, waitUntil } from "@tidegate/kernel";
import type { AwsClientOptions } from "../../client/open-aws-client.ts";
import { STAND_IN_REGION, testClientOptions } from "../stand-in.ts";
import { bringMinistack } from "./bring-ministack.ts";

export interface RunningMinistack {
  readonly endpoint: string;
  readonly clientOptions: AwsClientOptions;
  readonly stop: () => Promise<void>;
}

const START_LIMIT_MS = 60_000;

/** `read` returns at our word or at our death; a group of its own, because functions run in processes of their own. */
const WATCHED = `set -m; "$@" & pid=$!; read -r word; kill -9 -- -$pid; wait $pid`;

/** Throws PartIsOff where there is no Python, or no package index to bring it from. */
export async function startMinistack(): Promise<RunningMinistack> {
  const { python, folder } = await bringMinistack();
  const home = await mkdtemp(join(tmpdir(), "tidegate-test-ministack-"));
  const port = await freePort();
  const child = spawn("bash", ["-c", WATCHED, "tidegate-watched", python, "-m", "ministack"], {
    cwd: home,
    stdio: ["pipe", "ignore", "pipe"],
    env: {
      PATH: process.env["PATH"],
      PYTHONPATH: folder,
      PYTHONDONTWRITEBYTECODE: "1",
      HOME: home,
      TMPDIR: home,
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: STAND_IN_REGION,
      MINISTACK_ACCOUNT_ID: "123456789012",
      LOG_LEVEL: "WARNING",
    },
  });
  child.stdin.on("error", () => undefined);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk.toString("utf8")}`.slice(-2_000);
  });
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(home, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await waitUntil(async () => ((await isHealthy(endpoint)) ? true : undefined), {
      what: "MiniStack answering",
      limitMs: START_LIMIT_MS,
      everyMs: 100,
      remedy: `It said: ${said}`,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, clientOptions: testClientOptions(endpoint), stop };
}

/** Why it is off on this machine, for the title of what is skipped, so without parentheses; undefined when it can run. */
export async function ministackOff(): Promise<string | undefined> {
  try {
    await bringMinistack();
    return undefined;
  } catch (error) {
    if (error instanceof PartIsOff) return error.message.replaceAll(/[()]/g, "");
    throw error;
  }
}

async function isHealthy(endpoint: string): Promise<boolean> {
  const answer = await fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(2_000) }).catch(
    () => undefined,
  );
  await answer?.body?.cancel();
  return answer?.ok === true;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.end("stop\n");
  await exited;
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
