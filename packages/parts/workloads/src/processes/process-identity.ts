// Which process is meant: a pid alone is reused, a pid with its start time and the boot it belongs to never is.
import { readFileSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and the start of the process: field 22 of /proc/<pid>/stat (proc_pid_stat(5)). */
  readonly startTime: string;
  /** /proc/sys/kernel/random/boot_id: start times of another boot mean nothing. */
  readonly bootId: string;
}

export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly processGroup: number;
  readonly startTime: string;
}

let knownBootId: string | undefined;

/** The identifier that the kernel drew when it booted. */
export function bootId(): string {
  knownBootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return knownBootId;
}

/** What /proc says about a process; undefined when there is none. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  return parseProcessStat(text);
}

/** Field 2, the name, stands in parentheses and may itself hold blanks and parentheses: fields are counted from the last one. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const end = text.lastIndexOf(")");
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(end + 2).split(" ");
  const [state, , group] = fields;
  const startTime = fields[22 - 3];
  if (end < 0 || !Number.isInteger(pid) || state === undefined || group === undefined || startTime === undefined)
    return undefined;
  return { pid, state, processGroup: Number(group), startTime };
}

/** The identity of a process that is there now, a zombie included; undefined when there is none. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = readProcessStat(pid);
  return stat === undefined ? undefined : { pid, startTime: stat.startTime, bootId: bootId() };
}

/** Whether exactly this process still runs. A zombie does not: it can do nothing any more. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false;
  const stat = readProcessStat(identity.pid);
  return stat !== undefined && stat.startTime === identity.startTime && stat.state !== "Z" && stat.state !== "X";
}

/** Signals the process if it is still the one meant, or with `toGroup` its whole group; tells whether it was there. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals, toGroup = false): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(toGroup ? -identity.pid : identity.pid, signal);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** ENOENT: no such entry in /proc. ESRCH: it went away between open and read, or before the signal. */
function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ESRCH";
}
