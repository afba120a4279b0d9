// Finding our processes without any record of them: each carries a mark in its environment, and so does what it starts.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { readProcessStat, bootId, type ProcessIdentity } from "./process-identity.ts";

/** TIDEGATE_INSTANCE=<state folder's digest>/<service>/<index>/<spawn id> */
export const MARK_NAME = "TIDEGATE_INSTANCE";

export interface InstanceMark {
  readonly service: string;
  readonly index: number;
  readonly spawnId: string;
}

export interface MarkedProcess extends InstanceMark {
  readonly identity: ProcessIdentity;
  /** The process that the supervisor started; others inherited the mark from it. */
  readonly isGroupLeader: boolean;
}

/** A short digest of the state folder, so that installations on one machine do not take each other's processes. */
export function stateDirDigest(stateDir: string): string {
  return createHash("sha256").update(realpathSync(stateDir)).digest("hex").slice(0, 16);
}

export function markValue(digest: string, mark: InstanceMark): string {
  return `${digest}/${mark.service}/${mark.index}/${mark.spawnId}`;
}

/** Every living process that carries a mark of this state folder. Other users' processes cannot be read and are not ours. */
export function findMarkedProcesses(digest: string): MarkedProcess[] {
  const found: MarkedProcess[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const mark = readMark(pid, digest);
    if (mark === undefined) continue;
    const stat = readProcessStat(pid);
    if (stat === undefined || stat.state === "Z" || stat.state === "X") continue;
    found.push({
      ...mark,
      identity: { pid, startTime: stat.startTime, bootId: bootId() },
      isGroupLeader: stat.processGroup === pid,
    });
  }
  return found;
}

function readMark(pid: number, digest: string): InstanceMark | undefined {
  let environment: string;
  try {
    environment = readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // Gone meanwhile, or of another user: not ours in either case.
    return undefined;
  }
  const prefix = `${MARK_NAME}=${digest}/`;
  const entry = environment.split("\0").find((one) => one.startsWith(prefix));
  if (entry === undefined) return undefined;
  const [service, index, spawnId] = entry.slice(prefix.length).split("/");
  if (service === undefined || index === undefined || spawnId === undefined) return undefined;
  return { service, index: Number(index), spawnId };
}
