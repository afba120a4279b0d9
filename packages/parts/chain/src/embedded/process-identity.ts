// Which process is which: a pid alone is reused, a pid with its start time is not. Reads /proc, as anvil is Linux only here.
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, field 22 of /proc/PID/stat (man proc_pid_stat). */
  readonly startTime: string;
}

/** The identity of a running process; undefined when there is none, or only its zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = readProcFile(pid, "stat");
  if (stat === undefined) return undefined;
  // The second field, the name in parentheses, may hold spaces: count from its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, startTime] = [fields[0], fields[19]];
  if (startTime === undefined || state === "Z" || state === "X") return undefined;
  return { pid, startTime };
}

/** Whether that very process still runs. */
export function isRunning(process: ProcessIdentity): boolean {
  return identifyProcess(process.pid)?.startTime === process.startTime;
}

/** Processes whose command line, as a list of arguments, satisfies `matches`. */
export function findProcesses(
  matches: (argv: readonly string[]) => boolean,
): Array<ProcessIdentity & { readonly argv: readonly string[] }> {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    const argv = readProcFile(Number(entry), "cmdline")?.split("\0") ?? [];
    if (!matches(argv)) return [];
    const identity = identifyProcess(Number(entry));
    return identity === undefined ? [] : [{ ...identity, argv }];
  });
}

function readProcFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch (error) {
    // Ended between the listing and the reading.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
