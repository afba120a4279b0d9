// Mutual exclusion between processes on one machine, by a name that the kernel gives to one process and takes back when it ends.
//
// The name is that of a socket in Linux's abstract namespace (unix(7)): bound by one process at a time, and gone with it however it ends. So
// there is no file that a killed holder leaves behind.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, realpathSync } from "node:fs";
import { createServer } from "node:net";
import type { Clock } from "@tidegate/kernel";
import { FunctionBusy } from "../errors.ts";

/** How long an update waits for another one: checking a release and writing a file. */
const LIMIT_MS = 5_000;
const EVERY_MS = 20;

/** Runs `work` while this process alone holds the function; throws FunctionBusy when another one keeps it. */
export async function withFunctionLock<T>(
  options: { readonly stateDir: string; readonly name: string; readonly clock: Clock; readonly limitMs?: number },
  work: () => Promise<T>,
): Promise<T> {
  const { name, clock } = options;
  const address = lockAddress(options.stateDir, name);
  const startMs = clock.monotonicMs();
  for (;;) {
    const release = await tryToBind(address);
    if (release !== undefined) {
      try {
        return await work();
      } finally {
        await release();
      }
    }
    if (clock.monotonicMs() - startMs >= (options.limitMs ?? LIMIT_MS))
      throw new FunctionBusy({ name, reason: "another process is updating it" });
    await clock.sleep(EVERY_MS);
  }
}

/** The same for every path to the same folder; 107 bytes are allowed. */
function lockAddress(stateDir: string, name: string): string {
  mkdirSync(stateDir, { recursive: true });
  const digest = createHash("sha256")
    .update(`${realpathSync(stateDir)}\0${name}`)
    .digest("hex");
  return `\0tidegate-functions/${digest}`;
}

/** Undefined when somebody else has the name. */
async function tryToBind(address: string): Promise<(() => Promise<void>) | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen({ path: address, exclusive: true });
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
  return async () => {
    server.close();
    await once(server, "close");
  };
}
