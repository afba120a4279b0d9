// Real brokers for tests: in a temporary folder, gone with whoever started them, also when that is killed.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSync, closeSync, readFileSync } from "node:fs";
import { waitUntil } from "@tidegate/kernel";
import { openAdmin } from "../client/open-admin.ts";
import { prepareBroker, type BrokerCommand } from "../embedded/prepare-broker.ts";

export interface TestBroker {
  /** host:port of each node. */
  readonly brokers: readonly string[];
  /** SIGKILL to the first node. */
  readonly kill: () => Promise<void>;
  /** Starts the first node again, on its data. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const START_LIMIT_MS = 60_000;

/** `read` returns at our word or at our death. */
const WATCHED = `"$@" & pid=$!; read -r word; kill -9 $pid; wait $pid`;

export async function startTestBroker(options: Omit<ClusterOptions, "nodes"> = {}): Promise<TestBroker> {
  return startTestCluster({ nodes: 1, ...options });
}

interface ClusterOptions {
  readonly nodes: number;
  /** More settings of each broker. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Default until all brokers are counted; "port" where that takes a login. */
  readonly isReady?: "counted" | "port";
}

export async function startTestCluster({ nodes, extra, isReady }: ClusterOptions): Promise<TestBroker> {
  const home = await mkdtemp(join(tmpdir(), "tidegate-test-kafka-"));
  const ports = await Promise.all(Array.from({ length: nodes * 2 }, freePort));
  const brokers = Array.from({ length: nodes }, (_, index) => `127.0.0.1:${ports[index * 2] ?? 0}`);
  const voters = Array.from({ length: nodes }, (_, index) => `${index + 1}@127.0.0.1:${ports[index * 2 + 1] ?? 0}`);
  const commands = await Promise.all(
    voters.map(async (_, index) =>
      prepareBroker(join(home, String(index + 1)), {
        port: ports[index * 2] ?? 0,
        controllerPort: ports[index * 2 + 1] ?? 0,
        nodeId: index + 1,
        voters,
        ...(extra === undefined ? {} : { extra }),
      }),
    ),
  );
  const logOf = (index: number): string => join(home, String(index + 1), "broker.log");
  const children = commands.map((command, index) => launch(command, logOf(index)));
  const untilReady = async (): Promise<void> => {
    await waitUntil(async () => ((await countBrokers(brokers, isReady === "port")) === nodes ? true : undefined), {
      what: `${nodes} brokers`,
      limitMs: START_LIMIT_MS,
      everyMs: 100,
      remedy: `The first one said: ${readFileSync(logOf(0), "utf8").slice(-1_000)}`,
    });
  };
  const end = async (child: ChildProcess | undefined): Promise<void> => {
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, "exit");
    child.stdin?.end("stop\n");
    await exited;
  };
  await untilReady();
  return {
    brokers,
    kill: async () => end(children[0]),
    restart: async () => {
      const [command] = commands;
      if (command !== undefined) children[0] = launch(command, logOf(0));
      await untilReady();
    },
    stop: async () => {
      await Promise.all(children.map(end));
      await rm(home, { recursive: true, force: true });
    },
  };
}

function launch({ program, args }: BrokerCommand, log: string): ChildProcess {
  const file = openSync(log, "a");
  const child = spawn("sh", ["-c", WATCHED, "tidegate-watched", program, ...args], { stdio: ["pipe", file, file] });
  closeSync(file);
  child.stdin?.on("error", () => undefined);
  return child;
}

async function countBrokers(brokers: readonly string[], onlyPorts: boolean): Promise<number> {
  const admin = openAdmin({ brokers, clientId: "tidegate-tests", connectTimeoutMs: 500, requestTimeoutMs: 2_000 });
  try {
    return (await admin.describeCluster()).brokers.length;
  } catch (error) {
    // Without a login the broker answers by closing the connection.
    return onlyPorts && !String(error).includes("ECONNREFUSED") ? brokers.length : 0;
  } finally {
    await admin.close();
  }
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
