// postmaster.pid: what a server writes about itself while it runs, and leaves behind when it is killed.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface PostmasterPid {
  readonly pid: number;
  readonly port: number;
}

/** Undefined when there is none, or it is not written to its end yet. Lines: src/include/utils/pidfile.h of PostgreSQL. */
export async function readPostmasterPid(clusterDir: string): Promise<PostmasterPid | undefined> {
  let text: string;
  try {
    text = await readFile(join(clusterDir, "postmaster.pid"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  return Number.isInteger(pid) && pid > 0 && Number.isInteger(port) && port > 0 ? { pid, port } : undefined;
}
