// One anvil: started with the settings under which the same transactions give the same blocks, found again when it was orphaned.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { retry, TimedOut, waitUntil, type Clock } from "@tidegate/kernel";
import { anvilBinary } from "./anvil-binary.ts";
import { AnvilFailed } from "./errors.ts";
import { freePort } from "./free-port.ts";
import { findProcesses, identifyProcess, isRunning, type ProcessIdentity } from "./process-identity.ts";

export interface AnvilProcess extends ProcessIdentity {
  /** Its own port; clients use the gate's. */
  readonly port: number;
}

export interface AnvilOptions {
  readonly dataDir: string;
  readonly chainId: number;
  /** State to begin with, as `anvil_dumpState` gave it, unpacked. */
  readonly stateFile?: string | undefined;
  readonly clock: Clock;
}

/** Time of the genesis block, unix seconds; part of its hash. */
const GENESIS_TIMESTAMP = 1_700_000_000;

/** States of the past that stay readable (eth_call at a block), in blocks; all of them would fill the memory. */
const KEPT_STATES = 64;

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

/** Starts anvil on a free port and waits until it listens; AnvilFailed when it ends before that. */
export async function startAnvil(options: AnvilOptions): Promise<AnvilProcess> {
  // Another program can take the port between our look and anvil's use of it.
  return retry(async () => startOnPort(await freePort(), options), { attempts: 3, baseMs: 10, clock: options.clock });
}

/** The running processes that were started for this folder, whoever started them. */
export function findAnvils(dataDir: string): AnvilProcess[] {
  const mark = cachePath(dataDir);
  return findProcesses((argv) => argv.includes(mark)).map(({ pid, startTime, argv }) => {
    return { pid, startTime, port: Number(argv[argv.indexOf("--port") + 1]) };
  });
}

/** Asks it to end, insists after 5 s, and waits until it is gone. */
export async function stopAnvil(anvil: AnvilProcess, clock: Clock): Promise<void> {
  const gone = (): true | undefined => (isRunning(anvil) ? undefined : true);
  const wait = { what: `The end of anvil (pid ${anvil.pid})`, limitMs: STOP_LIMIT_MS, everyMs: 10, clock };
  signal(anvil, "SIGTERM");
  try {
    await waitUntil(gone, { ...wait, remedy: "It is killed next." });
  } catch (error) {
    if (!(error instanceof TimedOut)) throw error;
    signal(anvil, "SIGKILL");
    await waitUntil(gone, { ...wait, remedy: `Look at what holds it: \`cat /proc/${anvil.pid}/wchan\`.` });
  }
}

async function startOnPort(port: number, options: AnvilOptions): Promise<AnvilProcess> {
  const logPath = join(options.dataDir, "anvil.log");
  mkdirSync(cachePath(options.dataDir), { recursive: true });
  const log = openSync(logPath, "w");
  // Its own session: Ctrl-C at the terminal is for us, and we stop it in order. No pipe, which would break when we are killed.
  // A bare environment: what marks our own process (for whoever supervises it) must not mark anvil, which outlives us on purpose.
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
  const child = spawn(anvilBinary(), anvilArguments(port, options), {
    detached: true,
    stdio: ["ignore", log, log],
    env,
  });
  closeSync(log);
  const failure = new Promise<never>((_, reject) => {
    child.once("error", (cause) => reject(new AnvilFailed({ reason: "could not be run", cause })));
    child.once("exit", (code, killedBy) => {
      const stderr = readFileSync(logPath, "utf8").trim().slice(-500);
      reject(new AnvilFailed({ reason: `ended at its start (${killedBy ?? `exit ${code}`})`, stderr }));
    });
  });
  failure.catch(() => undefined);
  const abort = new AbortController();
  try {
    const listening = waitUntil(() => isListening(child.pid, port), {
      what: `anvil listening on port ${port}`,
      limitMs: START_LIMIT_MS,
      remedy: `Look into ${logPath}.`,
      everyMs: 20,
      clock: options.clock,
      signal: abort.signal,
    });
    listening.catch(() => undefined);
    return await Promise.race([failure, listening]);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    abort.abort();
    child.removeAllListeners();
    child.unref();
  }
}

function anvilArguments(port: number, options: AnvilOptions): string[] {
  const address = ["--host", "127.0.0.1", "--port", String(port), "--quiet", "--no-request-size-limit"];
  // Blocks only on demand, in the order of arrival, and no field of theirs left to chance.
  const mining = ["--no-mining", "--order", "fifo", "--timestamp", String(GENESIS_TIMESTAMP)];
  const rules = [
    "--chain-id",
    String(options.chainId),
    "--block-base-fee-per-gas",
    "0",
    "--hardfork",
    "prague",
    "--gas-limit",
    "1000000000",
  ];
  const memory = ["--prune-history", String(KEPT_STATES), "--cache-path", cachePath(options.dataDir)];
  const state = options.stateFile === undefined ? [] : ["--load-state", options.stateFile];
  return [...address, ...mining, ...rules, ...memory, ...state];
}

/** Also the mark by which an orphan is found again. */
function cachePath(dataDir: string): string {
  return join(dataDir, "anvil-cache");
}

/** Whether a TCP connection succeeds; the answer to the first call then tells whether it is our anvil. */
async function isListening(pid: number | undefined, port: number): Promise<AnvilProcess | undefined> {
  const identity = pid === undefined ? undefined : identifyProcess(pid);
  if (identity === undefined) return undefined;
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    await once(socket, "connect");
    return { ...identity, port };
  } catch {
    // Refused: not yet listening.
    return undefined;
  } finally {
    socket.destroy();
  }
}

function signal(anvil: AnvilProcess, name: "SIGTERM" | "SIGKILL"): void {
  if (isRunning(anvil)) process.kill(anvil.pid, name);
}
