// Which processes belong to an installation: all whose command line or environment names its home, which is a path of its own.
import { readdirSync, readFileSync } from "node:fs";

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** Living processes (no zombies) that name `home`; this process itself is left out. */
export function processesOf(home: string): readonly FoundProcess[] {
  const found: FoundProcess[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    const names = command.includes(home) || read(`/proc/${pid}/environ`).includes(home);
    const isZombie = /^State:\s+Z/m.test(read(`/proc/${pid}/status`));
    if (names && !isZombie) found.push({ pid, command });
  }
  return found;
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // Gone meanwhile.
    return "";
  }
}
