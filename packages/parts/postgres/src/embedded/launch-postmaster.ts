// Starts a server on a cluster and waits until it answers.
import { spawn, type ChildProcess } from "node:child_process";
import { TimedOut, waitUntil } from "@tidegate/kernel";
import { PostgresDiskFull } from "../errors/connection-errors.ts";
import { PostgresPortTaken, PostgresStartFailed } from "../errors/embedded-errors.ts";
import { claimLoopbackPort } from "./loopback-port.ts";
import type { Binaries } from "./prepare-binaries.ts";
import { probeServer } from "./probe-server.ts";
import { identifyProcess, type ProcessIdentity } from "./process-table.ts";
import { asAccount, type ServerAccount } from "./server-account.ts";
import { sharedBuffers } from "./shared-buffers.ts";
import { openServerLog } from "./server-log.ts";
import { stopPostmaster } from "./stop-postmaster.ts";

export interface LaunchDeps {
  readonly clusterDir: string;
  readonly password: string;
  readonly binaries: Binaries;
  readonly account: ServerAccount | undefined;
  /** 0 for a free one. */
  readonly port: number;
  readonly logFile: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Launched {
  readonly process: ProcessIdentity;
  readonly child: ChildProcess;
  readonly port: number;
  readonly version: string;
}

/** On loopback TCP alone; the same time zone everywhere; a vanished peer is noticed within seconds; memory by the machine's size. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  timezone: "UTC",
  log_timezone: "UTC",
  tcp_keepalives_idle: "10",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "3",
  shared_buffers: sharedBuffers(),
};

/**
 * Returns the running server, or "in use" when another one holds the cluster.
 *
 * Throws PostgresPortTaken, PostgresDiskFull, PostgresStartFailed; TimedOut when the server lives but does not answer within
 * the limit. Such a server (recovery after a crash can be long) goes on, so that a later start finds it further.
 */
export async function launchPostmaster(deps: LaunchDeps): Promise<Launched | "in use"> {
  const port = await claimLoopbackPort(deps.port);
  const log = openServerLog(deps.logFile);
  const child = spawnPostmaster(deps, port, log.fd);
  try {
    const version = await untilReady(deps, port, child);
    const process = child.pid === undefined ? undefined : identifyProcess(child.pid);
    if (version === "ended" || process === undefined) return await explainEnd(deps, port, child, log.tail());
    return { process, child, port, version };
  } catch (error) {
    const process = child.pid === undefined ? undefined : identifyProcess(child.pid);
    if (process !== undefined && !(error instanceof TimedOut)) await stopPostmaster(process, "fast");
    throw error;
  } finally {
    log.close();
  }
}

function spawnPostmaster(deps: LaunchDeps, port: number, logFd: number): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, ...deps.settings }).flatMap(([key, value]) => [
    "-c",
    `${key}=${value}`,
  ]);
  const child = spawn(deps.binaries.postgres, ["-D", deps.clusterDir, "-p", String(port), ...settings], {
    ...asAccount(deps.account),
    // The account may not be able to stand where we stand.
    cwd: "/",
    // Without our PG* variables, and with messages that we can read.
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" },
    stdio: ["ignore", logFd, logFd],
    // Its own process group: a Ctrl-C at the terminal reaches us, and we stop it in order.
    detached: true,
  });
  child.unref();
  return child;
}

async function untilReady(deps: LaunchDeps, port: number, child: ChildProcess): Promise<string> {
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  return waitUntil(
    async () => {
      if (failure !== undefined) throw failure;
      if (child.exitCode !== null || child.signalCode !== null) return "ended";
      return probeServer({ port, password: deps.password });
    },
    {
      what: "PostgreSQL accepting connections",
      limitMs: deps.limitMs,
      remedy:
        "The server was left running, it may be recovering after a crash. Look at its log and start again to wait on.",
      ...(deps.signal === undefined ? {} : { signal: deps.signal }),
    },
  );
}

async function explainEnd(deps: LaunchDeps, port: number, child: ChildProcess, logTail: string): Promise<"in use"> {
  if (/lock file "[^"]*" already exists|pre-existing shared memory block/.test(logTail)) return "in use";
  if (/No space left on device/.test(logTail)) {
    throw new PostgresDiskFull({ where: deps.clusterDir, reason: "no space left on device" });
  }
  if (/Address already in use/.test(logTail)) throw new PostgresPortTaken({ port });
  // Where the log cannot be read back, the commonest reason can still be looked at.
  if (logTail === "") await claimLoopbackPort(port);
  throw new PostgresStartFailed({
    program: "postgres",
    how:
      child.exitCode === null
        ? `was ended by ${child.signalCode} during the start`
        : `ended with ${child.exitCode} during the start`,
    logTail: logTail.trim().split("\n").slice(-3).join(" "),
  });
}
