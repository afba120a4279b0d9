// The processes of a fleet under test, beside its operators: the supervisor with the services below it, and the traffic.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync, closeSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { SERVICES, TRAFFIC_PROGRAM, type ServiceName } from "@tidegate/fleet-example";

const SUPERVISOR = new URL("../../packages/parts/workloads/src/testing/run-supervisor.ts", import.meta.url).pathname;

type Env = Readonly<Record<string, string>>;
export type Ports = Readonly<Record<ServiceName, number>>;

export function startSupervisor(stateDir: string, env: Env): ChildProcess {
  const baseEnv = { PATH: process.env["PATH"], ...env };
  return start([SUPERVISOR, stateDir, JSON.stringify({ baseEnv })], process.env);
}

export interface TrafficOptions {
  readonly ports: Ports;
  readonly logFile: string;
  readonly rate?: number;
  readonly seed?: number;
}

export function startTraffic(env: Env, { ports, logFile, rate = 100, seed = 1 }: TrafficOptions): ChildProcess {
  const log = openSync(logFile, "a");
  try {
    const settings = {
      FLEET_RATE: String(rate),
      FLEET_SEED: String(seed),
      FLEET_COMLINK_URL: `http://127.0.0.1:${ports.comlink}`,
      FLEET_SOCKS_URL: `ws://127.0.0.1:${ports.socks}`,
    };
    return start([TRAFFIC_PROGRAM], { PATH: process.env["PATH"], ...env, ...settings }, log);
  } finally {
    closeSync(log);
  }
}

/** Ends the traffic. Throws when it was not there to the end: without it nothing was shown. */
export async function endTraffic(traffic: ChildProcess, logFile: string): Promise<void> {
  if (traffic.exitCode !== null) {
    const words = readFileSync(logFile, "utf8").trim().split("\n").at(-1) ?? "";
    throw new Error(`The traffic has ended by itself, with ${traffic.exitCode}: ${words}`);
  }
  await stopChild(traffic);
}

function start(args: readonly string[], env: NodeJS.ProcessEnv, stdout: "ignore" | number = "ignore"): ChildProcess {
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    stdio: ["ignore", stdout, "inherit"],
    env,
  });
}

/** In order. Resolves when it is gone. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

/** One for each service. */
export async function freePorts(): Promise<Ports> {
  const servers = SERVICES.map(() => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map(async (server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(async (server) => once(server.close(), "close")));
  return Object.fromEntries(SERVICES.map((name, index) => [name, ports[index] ?? 0])) as Record<ServiceName, number>;
}
