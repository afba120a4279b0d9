// What the kernel says about processes. Pids are reused; a pid together with its start time is not.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot at which it started: proc(5), /proc/pid/stat field 22. */
  readonly startTicks: string;
  /** First 15 bytes of the program's name. */
  readonly command: string;
}

/** The process that has this pid now; undefined when there is none or it is a zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The name is in parentheses and may itself hold ") "; what follows its last ")" is plain.
  const nameEnd = stat.lastIndexOf(")");
  const rest = stat.slice(nameEnd + 2).split(" ");
  const [state] = rest;
  const startTicks = rest[19];
  if (state === "Z" || state === "X" || startTicks === undefined) return undefined;
  return { pid, startTicks, command: stat.slice(stat.indexOf("(") + 1, nameEnd) };
}

/** Whether exactly this process, and not a later one with its pid, still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startTicks === identity.startTicks;
}

/** Undefined when the process is gone or is not ours to look at. */
export function workingDirectoryOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Every process whose working directory is `dir`: a postmaster and its backends all stand in their data folder. */
export function processesIn(dir: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => workingDirectoryOf(pid) === dir && identifyProcess(pid) !== undefined);
}
