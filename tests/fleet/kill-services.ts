// Kills what runs below the operators while a fleet is upgraded: processes of services, and the supervisor that watches them.
import { once } from "node:events";
import { seededRandom, systemClock } from "@tidegate/kernel";
import type { FleetUnderTest } from "./open-fleet.ts";
import type { Killing } from "./kill-operators.ts";

const SERVICES = ["ender", "roundtable", "vulcan"] as const;

/** For so long nobody watches, and what lives goes on. */
const UNWATCHED_MS = 300;

/** Every fourth is the supervisor; each at most `everyMs` after the one before, at most `most`, until told to stop. */
export function killServices(
  fleet: FleetUnderTest,
  { seed, everyMs, most }: { readonly seed: number; readonly everyMs: number; readonly most: number },
): Killing {
  const random = seededRandom(seed);
  const killed: string[] = [];
  const over = new AbortController();
  const killService = async (): Promise<void> => {
    const name = random.pick(SERVICES);
    const { instances, release } = await fleet.workloads.describe(name);
    const pid = instances.find((one) => one.pid !== undefined)?.pid;
    // Between its end and its next start there is none.
    if (pid !== undefined && isSignalled(pid)) killed.push(`${name} of ${release}`);
  };
  const killSupervisor = async (): Promise<void> => {
    const child = fleet.supervisor();
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
    killed.push("supervisor");
    await systemClock.sleep(UNWATCHED_MS);
    fleet.restartSupervisor();
  };
  const rounds = (async () => {
    for (let round = 1; !over.signal.aborted && killed.length < most; round++) {
      await systemClock.sleep(random.next() * everyMs, over.signal).catch(() => undefined);
      if (!over.signal.aborted) await (round % 4 === 0 ? killSupervisor() : killService());
    }
  })();
  return {
    killed,
    stop: async () => {
      over.abort();
      await rounds;
    },
  };
}

/** False for one that has just ended by itself. */
function isSignalled(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
