// A PostgreSQL server of our own on 127.0.0.1, from packaged binaries, that outlives us and is found again.
import type { ChildProcess } from "node:child_process";
import { backoffMs, Secret, systemClock, TimedOut, waitUntil } from "@tidegate/kernel";
import type { Client } from "pg";
import { mapPostgresError } from "../errors/map-postgres-error.ts";
import { clusterPassword, ROLE } from "./cluster-password.ts";
import { placeCluster, type ClusterPlace } from "./cluster-place.ts";
import { removeEmbeddedConnection, writeEmbeddedConnection } from "./embedded-connection.ts";
import { findBinaries } from "./find-binaries.ts";
import { findSurvivor, type Survivor } from "./find-survivor.ts";
import { initialiseCluster } from "./initialise-cluster.ts";
import { mapFileError } from "./map-file-error.ts";
import { launchPostmaster, type Launched, type LaunchDeps } from "./launch-postmaster.ts";
import { prepareBinaries } from "./prepare-binaries.ts";
import { withLoopbackClient, type LoopbackServer } from "./probe-server.ts";
import { isRunning, type ProcessIdentity } from "./process-table.ts";
import { serverAccount } from "./server-account.ts";
import { stopPostmaster, type StopMode } from "./stop-postmaster.ts";

export interface EmbeddedEvent {
  readonly code:
    | "embedded.initialised"
    | "embedded.waiting"
    | "embedded.started"
    | "embedded.adopted"
    | "embedded.port-changes";
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface EmbeddedOptions {
  /** Holds cluster, password and connection.json; made when missing. */
  readonly dataDir: string;
  /** On 127.0.0.1; 0 for a free one. */
  readonly port: number;
  /** A package's `native` folder. Default: the optional package for this platform. */
  readonly binaries?: string;
  /** Made when missing. Default "tidegate". */
  readonly database?: string;
  /** Made as well when missing. Default none. */
  readonly moreDatabases?: readonly string[];
  /** The server's own log, appended to. Default: the stderr of this process is inherited. */
  readonly logFile?: string;
  /** Server settings, over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False leaves out initdb's fsync: for tests. Default true. */
  readonly durable?: boolean;
  readonly onEvent?: (event: EmbeddedEvent) => void;
  readonly limits?: EmbeddedLimits;
  /** Ends the waiting; a server that was just started is stopped again. */
  readonly signal?: AbortSignal;
}

export interface EmbeddedLimits {
  /** Default 120,000. */
  readonly initialiseMs?: number;
  /** From the start of the server to its first answer, and for an earlier server to answer or end. Default 60,000. */
  readonly readyMs?: number;
}

export interface EmbeddedServer {
  /** Of the database, with role and password. */
  readonly url: Secret;
  readonly port: number;
  /** Of the postmaster. */
  readonly pid: number;
  readonly dataDir: string;
  /** PGDATA: `dataDir/cluster`, or where the server's account can reach. */
  readonly clusterDir: string;
  readonly version: string;
  /** True when it ran already. */
  readonly adopted: boolean;
  /** Resolves when it is gone; a fast stop becomes an immediate one after `fastLimitMs` (default 10,000). */
  stop(mode: StopMode, fastLimitMs?: number): Promise<void>;
  alive(): boolean;
  /** Resolves when the server is gone, whoever ended it. */
  waitForExit(signal?: AbortSignal): Promise<void>;
}

/**
 * Starts the server of a data folder, or adopts the one that runs there.
 *
 * 1. Find the account (as root: an unprivileged one), the binaries and the cluster's place.
 * 2. Make the password and the cluster, when there is none.
 * 3. Adopt a running server; else wait until nothing of an earlier one is left, start one, and wait until it answers.
 * 4. Make the database; write connection.json.
 *
 * Throws PartIsOff, PostgresPortTaken, PostgresDiskFull, PostgresDataDirUnusable, PostgresStartFailed, TimedOut.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  try {
    return await start(options);
  } catch (error) {
    throw mapFileError(error, options.dataDir);
  }
}

async function start(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const account = await serverAccount();
  const binaries = await prepareBinaries(options.binaries ?? findBinaries(), account);
  const place = await placeCluster(options.dataDir, account);
  const password = await clusterPassword(place);
  const { clusterDir } = place;

  const initialiseMs = options.limits?.initialiseMs ?? 120_000;
  const durable = options.durable ?? true;
  if (await initialiseCluster({ clusterDir, password, binaries, account, limitMs: initialiseMs, durable })) {
    notify(options, "embedded.initialised", `Made a PostgreSQL ${binaries.version} cluster`, { clusterDir });
  }

  const running = await adoptOrLaunch(options, {
    clusterDir,
    password,
    binaries,
    account,
    port: options.port,
    logFile: options.logFile,
    settings: options.settings ?? {},
    limitMs: options.limits?.readyMs ?? 60_000,
    signal: options.signal,
  });
  const { port, version } = running;
  const database = options.database ?? "tidegate";
  const url = new Secret(`postgres://${ROLE}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`);
  try {
    for (const name of [database, ...(options.moreDatabases ?? [])]) await createDatabase({ port, password }, name);
    await writeEmbeddedConnection(place.dataDir, { url, port, pid: running.process.pid, version });
  } catch (error) {
    // Nobody would know of it.
    if (running.child !== undefined) await stopPostmaster(running.process, "fast");
    throw error;
  }
  if (running.child === undefined) {
    notify(options, "embedded.adopted", "Adopted the server that ran already", facts(running));
  } else notify(options, "embedded.started", "Started the server", facts(running));
  return handleOf(place, running, url);
}

type Running = (Survivor & { readonly child?: undefined }) | Launched;

async function adoptOrLaunch(options: EmbeddedOptions, deps: LaunchDeps): Promise<Running> {
  const deadline = systemClock.monotonicMs() + deps.limitMs;
  for (let attempt = 1; ; attempt++) {
    const survivor = await findSurvivor({
      ...deps,
      onWait: (reason) => notify(options, "embedded.waiting", `Waiting: ${reason}`),
    });
    if (survivor !== undefined && (deps.port === 0 || deps.port === survivor.port)) {
      return survivor;
    }
    if (survivor !== undefined) {
      notify(options, "embedded.port-changes", `Restarting the server on port ${deps.port}`, facts(survivor));
      await stopPostmaster(survivor.process, "fast");
    }
    const launched = await launchPostmaster(deps);
    if (launched !== "in use") return launched;
    if (systemClock.monotonicMs() > deadline) throw stillInUse(deps);
    // Another start of the same cluster, or the kernel still counts shared memory of a killed server.
    await systemClock.sleep(100 + backoffMs(attempt, { baseMs: 200, maxMs: 2_000 }), deps.signal);
  }
}

function stillInUse(deps: LaunchDeps): TimedOut {
  return new TimedOut({
    what: `The end of an earlier server in ${deps.clusterDir}`,
    limitMs: deps.limitMs,
    remedy: "Nothing was changed. Find the processes that hold the folder (`fuser -v`), end them, and start again.",
  });
}

async function createDatabase(server: LoopbackServer, name: string): Promise<void> {
  const create = async (client: Client): Promise<void> => {
    const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
    if (found.rowCount !== 0) return;
    try {
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    } catch (error) {
      // 42P04, or 23505 on pg_database's index: another start made it at the same moment.
      const { code } = error as { code?: unknown };
      if (code !== "42P04" && code !== "23505") throw error;
    }
  };
  try {
    await withLoopbackClient(server, create, CREATE_DATABASE_LIMIT_MS);
  } catch (error) {
    throw mapPostgresError(error, `127.0.0.1:${server.port}/postgres`);
  }
}

/** It copies a template and writes a checkpoint's worth: seconds on a slow disk. */
const CREATE_DATABASE_LIMIT_MS = 60_000;

function handleOf(place: ClusterPlace, running: Running, url: Secret): EmbeddedServer {
  const { process, port, version, child } = running;
  return {
    url,
    port,
    pid: process.pid,
    dataDir: place.dataDir,
    clusterDir: place.clusterDir,
    version,
    adopted: child === undefined,
    stop: async (mode, fastLimitMs) => {
      await stopPostmaster(process, mode, fastLimitMs);
      await removeEmbeddedConnection(place.dataDir);
    },
    alive: () => isRunning(process),
    waitForExit: (signal) => untilGone(process, child, signal),
  };
}

async function untilGone(
  process: ProcessIdentity,
  child: ChildProcess | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const gone = (): true | undefined => (isRunning(process) && child?.exitCode == null ? undefined : true);
  await waitUntil(gone, {
    what: "The end of the server",
    // The one wait without a limit: a server is meant to run. The signal ends it.
    limitMs: Number.POSITIVE_INFINITY,
    everyMs: 200,
    remedy: "",
    ...(signal === undefined ? {} : { signal }),
  });
}

function facts(running: Survivor | Launched): Readonly<Record<string, unknown>> {
  return { serverPid: running.process.pid, port: running.port, version: running.version };
}

function notify(
  options: EmbeddedOptions,
  code: EmbeddedEvent["code"],
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): void {
  options.onEvent?.({ code, message, details });
}
