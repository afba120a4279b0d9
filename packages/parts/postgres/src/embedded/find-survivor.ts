// A server of an earlier life: the postmaster outlives whoever started it, and its backends outlive a killed postmaster.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil } from "@tidegate/kernel";
import { readPostmasterPid, type PostmasterPid } from "./postmaster-pid.ts";
import { probeServer } from "./probe-server.ts";
import { identifyProcess, processesIn, workingDirectoryOf, type ProcessIdentity } from "./process-table.ts";

export interface Survivor {
  readonly process: ProcessIdentity;
  readonly port: number;
  readonly version: string;
}

export interface SurvivorDeps {
  readonly clusterDir: string;
  readonly password: string;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Told once, when there is something to wait for. */
  readonly onWait: (reason: string) => void;
}

/**
 * The running server of this cluster, once it answers; undefined once it is sure that none runs.
 *
 * Waits, at most `limitMs`, while a postmaster lives that does not answer (recovering or stopping), and while backends of a
 * killed postmaster still hold the cluster's shared memory: a new server must not start beside them.
 */
export async function findSurvivor(deps: SurvivorDeps): Promise<Survivor | undefined> {
  let told = false;
  const waitFor = (reason: string): undefined => {
    if (!told) deps.onWait(reason);
    told = true;
    return undefined;
  };
  const found = await waitUntil(() => look(deps, waitFor), {
    what: `An end of the earlier server in ${deps.clusterDir} (it neither answers nor ends)`,
    limitMs: deps.limitMs,
    everyMs: 100,
    remedy: "Nothing was changed. Look at the server's log; if it recovers, start again to go on waiting.",
    ...(deps.signal === undefined ? {} : { signal: deps.signal }),
  });
  return found === "none" ? undefined : found;
}

async function look(
  deps: SurvivorDeps,
  waitFor: (reason: string) => undefined,
): Promise<Survivor | "none" | undefined> {
  const file = await readPostmasterPid(deps.clusterDir);
  const postmaster = file === undefined ? undefined : postmasterOf(file, deps.clusterDir);
  if (file !== undefined && postmaster !== undefined) {
    const version = await probeServer({ port: file.port, password: deps.password });
    if (version !== undefined) return { process: postmaster, port: file.port, version };
    return waitFor("a server of an earlier start runs but does not answer yet");
  }
  if (processesIn(deps.clusterDir).length > 0) return waitFor("processes of an earlier server are still ending");
  if (file !== undefined) await removeMisleading(file, deps.clusterDir);
  return "none";
}

/** The living postmaster that the file is about; undefined when another program has its pid by now. */
export function postmasterOf(file: PostmasterPid, clusterDir: string): ProcessIdentity | undefined {
  const identity = identifyProcess(file.pid);
  const isOurs = identity?.command === "postgres" && workingDirectoryOf(file.pid) === clusterDir;
  return isOurs ? identity : undefined;
}

/**
 * PostgreSQL itself ignores a stale postmaster.pid, except when a process of the same user has that pid by now (after a reboot
 * that is likely): then it would refuse to start for ever. Called only when no process stands in the cluster.
 */
async function removeMisleading(file: PostmasterPid, clusterDir: string): Promise<void> {
  if (identifyProcess(file.pid) !== undefined) await rm(join(clusterDir, "postmaster.pid"), { force: true });
}
