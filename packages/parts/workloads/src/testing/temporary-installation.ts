// An installation in a temporary folder for one test, with releases, a supervisor process, and a check that nothing is left.
import { randomInt } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { waitUntil } from "@tidegate/kernel";
import { onTestFinished } from "vitest";
import type { WorkloadStatus } from "../port.ts";
import { createProcessWorkloads, type ProcessWorkloads } from "../processes/create-process-workloads.ts";
import { findMarkedProcesses, stateDirDigest, type MarkedProcess } from "../processes/marked-processes.ts";
import type { ReleaseInput } from "../release/release-schema.ts";
import type { SupervisorOptions } from "../supervisor/create-supervisor.ts";
import { stopAll } from "../supervisor/stop-all.ts";
import type { SupervisorEvent } from "../supervisor/events.ts";

type ServiceInput = ReleaseInput["services"][string];

interface SupervisorProcess {
  readonly pid: number;
  /** Everything it told so far. */
  readonly events: readonly SupervisorEvent[];
  readonly stderr: () => string;
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves when everything has ended. */
  readonly stop: () => Promise<void>;
}

export interface TemporaryInstallation {
  readonly stateDir: string;
  readonly releasesDir: string;
  readonly workloads: ProcessWorkloads;
  /** Writes a release whose services each run one program, given as its source. */
  readonly release: (tag: string, services: Record<string, Partial<ServiceInput> & { program: string }>) => void;
  readonly supervise: (options?: Partial<SupervisorOptions>) => Promise<SupervisorProcess>;
  readonly until: (
    service: string,
    what: string,
    isReached: (status: WorkloadStatus) => boolean,
  ) => Promise<WorkloadStatus>;
  /** The main processes of living instances, by /proc alone. */
  readonly living: () => readonly MarkedProcess[];
  readonly marked: () => readonly MarkedProcess[];
  /** Kills the supervisors, drains the instances, removes the folder; throws when a process is left. */
  readonly close: () => Promise<void>;
}

/** Times short enough for tests; everything else as shipped. */
export const SHORT = { backoffBaseMs: 50, backoffMaxMs: 400, aliveIsHealthyMs: 100, logCheckMs: 50 };

/** One for the test that runs now, closed when it has ended, also when it ended by its time limit. */
export function installationOfThisTest(): TemporaryInstallation {
  const installation = createTemporaryInstallation();
  onTestFinished(installation.close);
  return installation;
}

export function createTemporaryInstallation(): TemporaryInstallation {
  const dir = mkdtempSync(join(tmpdir(), "tidegate-workloads-"));
  const stateDir = join(dir, "state");
  const releasesDir = join(dir, "releases");
  mkdirSync(stateDir, { recursive: true });
  const digest = stateDirDigest(stateDir);
  const workloads = createProcessWorkloads({ stateDir, releasesDir });
  const supervisors: SupervisorProcess[] = [];
  return {
    stateDir,
    releasesDir,
    workloads,
    release: (tag, services) => writeRelease(join(releasesDir, tag), tag, services),
    supervise: async (options = {}) => {
      const supervisor = startSupervisor(stateDir, { timing: SHORT, ...options });
      supervisors.push(supervisor);
      await waitUntil(() => (supervisor.events.length > 0 || supervisor.stderr() !== "" ? true : undefined), {
        what: "The supervisor's start",
        limitMs: 15_000,
        everyMs: 10,
        remedy: supervisor.stderr(),
      });
      return supervisor;
    },
    until: async (service, what, isReached) => {
      let last: WorkloadStatus | undefined;
      return waitUntil(
        async () => {
          last = await workloads.describe(service);
          return isReached(last) ? last : undefined;
        },
        { what: `${service}: ${what}`, limitMs: 20_000, everyMs: 20, remedy: "See the status before." },
      ).catch((error: unknown) => {
        throw new Error(`never seen: ${what}; last ${JSON.stringify(last, undefined, 1)}`, { cause: error });
      });
    },
    living: () => findMarkedProcesses(digest).filter((one) => one.isGroupLeader),
    marked: () => findMarkedProcesses(digest),
    close: async () => {
      for (const supervisor of supervisors) await supervisor.kill();
      await stopAll({ stateDir });
      const left = findMarkedProcesses(digest);
      rmSync(dir, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`the test leaves ${left.length} processes: ${JSON.stringify(left)}`);
    },
  };
}

/** `count` ports in a row that were free a moment ago, below those that the kernel gives to outgoing connections. */
export async function freePorts(count = 1): Promise<number> {
  for (;;) {
    const first = randomInt(10_000, 32_000);
    const servers = Array.from({ length: count }, () => createServer());
    const areFree = await Promise.all(servers.map(async (server, index) => canListen(server, first + index)));
    await Promise.all(servers.filter((server) => server.listening).map(closeServer));
    if (areFree.every(Boolean)) return first;
  }
}

async function canListen(server: Server, port: number): Promise<boolean> {
  server.listen(port, "127.0.0.1");
  return once(server, "listening").then(
    () => true,
    () => false,
  );
}

async function closeServer(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}

function writeRelease(
  dir: string,
  tag: string,
  services: Record<string, Partial<ServiceInput> & { program: string }>,
): void {
  mkdirSync(dir, { recursive: true });
  const entries = Object.entries(services).map(([name, { program, ...spec }]) => {
    writeFileSync(join(dir, `${name}.mjs`), program);
    return [name, { command: [process.execPath, `\${RELEASE_DIR}/${name}.mjs`], ...spec }] as const;
  });
  writeFileSync(join(dir, "release.json"), JSON.stringify({ tag, services: Object.fromEntries(entries) }));
}

function startSupervisor(stateDir: string, options: Partial<SupervisorOptions>): SupervisorProcess {
  const script = fileURLToPath(new URL("run-supervisor.ts", import.meta.url));
  const child = spawn(process.execPath, [script, stateDir, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const events: SupervisorEvent[] = [];
  let stderr = "";
  createInterface({ input: child.stdout }).on("line", (line) => events.push(JSON.parse(line) as SupervisorEvent));
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  return {
    pid: pidOf(child),
    events,
    stderr: () => stderr,
    ended,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("the supervisor process did not start");
  return child.pid;
}
