// Mutual exclusion between processes on one machine, by files that a killed holder cannot leave locked.
//
// Each claimant creates a file of its own in a folder, then looks at the folder. If it sees the claim of another living
// process it withdraws; claims of dead processes are removed. Of two claimants the one that looks later sees the other,
// so at most one holds; two that see each other both withdraw and try again after a random pause. The name of a claim
// holds pid, start time and boot id, so nothing half-written can be read and a reused pid holds nothing.
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@tidegate/kernel";
import { identityOf, isAlive, type ProcessIdentity } from "./process-identity.ts";

export type Claim =
  | { readonly isHeld: true; readonly release: () => void }
  | { readonly isHeld: false; readonly holder: ProcessIdentity };

export interface ClaimOptions {
  /** How long to go on trying while somebody else holds it. */
  readonly limitMs: number;
  readonly clock: Clock;
  /** Uniform in [0, 1). Default Math.random. */
  readonly random?: () => number;
}

/** Tries to become the only holder of `folder`, which is created. */
export async function claimFolder(folder: string, options: ClaimOptions): Promise<Claim> {
  const me = identityOf(process.pid);
  if (me === undefined) throw new Error("this process has no entry in /proc");
  mkdirSync(folder, { recursive: true });
  const random = options.random ?? Math.random;
  const start = options.clock.monotonicMs();
  for (;;) {
    const name = claimName(me);
    writeFileSync(join(folder, name), "", { flag: "wx" });
    const holder = livingHolders(folder, name)[0];
    if (holder === undefined) return { isHeld: true, release: () => rmSync(join(folder, name), { force: true }) };
    rmSync(join(folder, name), { force: true });
    if (options.clock.monotonicMs() - start >= options.limitMs) return { isHeld: false, holder };
    await options.clock.sleep(5 + Math.round(random() * 45));
  }
}

/** The living processes that claim the folder now, `except` one claim; claims of dead ones are removed on the way. */
export function livingHolders(folder: string, except?: string): ProcessIdentity[] {
  const holders: ProcessIdentity[] = [];
  for (const name of claimsIn(folder)) {
    const identity = parseClaim(name);
    if (name === except || identity === undefined) continue;
    if (isAlive(identity)) holders.push(identity);
    else rmSync(join(folder, name), { force: true });
  }
  return holders;
}

function claimsIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function claimName(identity: ProcessIdentity): string {
  return [identity.pid, identity.startTime, identity.bootId, randomUUID()].join(".");
}

function parseClaim(name: string): ProcessIdentity | undefined {
  const [pid, startTime, bootId] = name.split(".");
  if (pid === undefined || startTime === undefined || bootId === undefined) return undefined;
  return { pid: Number(pid), startTime, bootId };
}
