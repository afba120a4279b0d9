// Keeps a server running until it is told to stop: what dies is started again, what dies again and again is reported.
import { backoffMs, type Clock } from "@tidegate/kernel";
import { PostgresStartFailed } from "../errors/embedded-errors.ts";
import type { EmbeddedServer } from "./start-embedded.ts";

export interface KeepRunningDeps {
  /** Starts or adopts; `port` is that of the first start, so that clients find the server again. */
  readonly start: (port: number | undefined) => Promise<EmbeddedServer>;
  readonly onStarted: (server: EmbeddedServer) => void;
  readonly onDied: (server: EmbeddedServer) => void;
  readonly clock: Clock;
  /** Ends it: the server then still runs. */
  readonly signal: AbortSignal;
}

/** Deaths, each within `SOON_MS` of the start, after which we give up. */
const MAX_DEATHS = 5;
const SOON_MS = 30_000;

/** Returns the running server once `signal` is aborted; throws what `start` throws, and PostgresStartFailed. */
export async function keepRunning(deps: KeepRunningDeps): Promise<EmbeddedServer> {
  let server = await deps.start(undefined);
  let deaths = 0;
  for (;;) {
    deps.onStarted(server);
    const startedMs = deps.clock.monotonicMs();
    if (!(await diesBefore(deps.signal, server))) return server;
    deps.onDied(server);
    deaths = deps.clock.monotonicMs() - startedMs < SOON_MS ? deaths + 1 : 1;
    if (deaths >= MAX_DEATHS) {
      throw new PostgresStartFailed({
        program: "postgres",
        how: `ended ${deaths} times, soon after each start`,
        logTail: "",
      });
    }
    await deps.clock.sleep(backoffMs(deaths, { baseMs: 200, maxMs: 5_000 }), deps.signal);
    server = await deps.start(server.port);
  }
}

async function diesBefore(signal: AbortSignal, server: EmbeddedServer): Promise<boolean> {
  try {
    await server.waitForExit(signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
