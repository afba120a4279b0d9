// One process at a time runs the chain of a folder; the mark of a killed one does not hold.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ChainIdDiffers, ChainInUse } from "./errors.ts";
import { identifyProcess, isRunning, type ProcessIdentity } from "./process-identity.ts";

/** Marks the folder as this process's; ChainInUse when a running process has it. Returns what takes the mark away. */
export function ownFolder(dataDir: string): () => void {
  const path = join(dataDir, "owner.json");
  const own = identifyProcess(process.pid);
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(own), { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readOwner(path);
    if (holder !== undefined && isRunning(holder)) throw new ChainInUse({ dataDir, pid: holder.pid });
    rmSync(path, { force: true });
  }
}

/** Writes the chain's id into a new folder; ChainIdDiffers when the folder has another one. */
export function checkChainId(dataDir: string, chainId: number): void {
  const path = join(dataDir, "chain-id");
  if (!existsSync(path)) {
    writeFileSync(`${path}.new`, String(chainId));
    renameSync(`${path}.new`, path);
  }
  const kept = Number(readFileSync(path, "utf8"));
  if (kept !== chainId) throw new ChainIdDiffers({ dataDir, kept, asked: chainId });
}

function readOwner(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ProcessIdentity;
  } catch (error) {
    // Released meanwhile, or written half by a process that was killed in the middle: nobody holds it.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
