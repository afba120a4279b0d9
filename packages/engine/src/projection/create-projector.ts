// Writes the projection behind the engine's back: events are taken at once, stored in batches, and lost with the process (see rebuild).
import { retry } from "@tidegate/kernel";
import { withTransaction, type Pool } from "@tidegate/postgres";
import type { EngineEvent } from "../events/engine-event.ts";
import { applyEvent, type EventExtras } from "./apply-event.ts";
import { loadRows } from "./load-rows.ts";
import { ENDED_STATES } from "./run.ts";
import { newRows, type NewRun, type RunRows } from "./rows.ts";
import { announce, lockEvents, storeEvents, storeRows } from "./store-rows.ts";

export interface Projector {
  /** Before the first event of a run of this process. */
  know(run: NewRun, input: string): void;
  take(event: EngineEvent, extras: EventExtras): void;
  /** Drops what is remembered of runs that somebody else writes now. */
  forget(runIds: readonly string[]): void;
  /** Resolves when all that was taken before is stored, or could not be. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Long enough to gather the events of one step, short enough not to be seen. */
const GATHER_MS = 10;
/** A single run that outpaces the database must not fill the memory. */
const MOST_TAKEN = 20_000;

interface Taken {
  readonly event: EngineEvent;
  readonly extras: EventExtras;
}

export function createProjector(deps: {
  readonly pool: Pool;
  readonly onTrouble: (error: unknown) => void;
}): Projector {
  const known = new Map<string, RunRows>();
  let taken: Taken[] = [];
  let storing: Promise<void> | undefined;
  let isClosed = false;

  const store = async (batch: readonly Taken[]): Promise<void> => {
    const ofRuns = batch.filter(({ event }) => event.runId !== null);
    const runIds = [...new Set(ofRuns.map(({ event }) => event.runId ?? ""))];
    const changed = new Map<string, RunRows>();
    await withTransaction(deps.pool, async (client) => {
      changed.clear();
      await lockEvents(client);
      const stored = await loadRows(
        client,
        runIds.filter((id) => !isLoaded.has(id)),
      );
      for (const { event, extras } of ofRuns) {
        const id = event.runId ?? "";
        const rows = changed.get(id) ?? stored.get(id) ?? known.get(id);
        if (rows !== undefined) changed.set(id, applyEvent(rows, event, extras));
      }
      await storeRows(client, changed.values());
      await storeEvents(
        client,
        ofRuns.map(({ event }) => event),
      );
      await announce(client, runIds);
    });
    for (const [id, rows] of changed) {
      const isOver = ENDED_STATES.has(rows.run.state);
      if (isOver) isLoaded.delete(id);
      else isLoaded.add(id);
      if (isOver) known.delete(id);
      else known.set(id, rows);
    }
  };
  /** Runs whose remembered rows are those of the tables. */
  const isLoaded = new Set<string>();

  const drain = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    while (taken.length > 0) {
      const batch = taken;
      taken = [];
      try {
        await retry(() => store(batch), { attempts: 5, baseMs: 100, maxMs: 2_000 });
      } catch (error) {
        // The history has it all: a rebuild, or the takeover of these runs, brings it back.
        deps.onTrouble(error);
      }
    }
  };
  const wake = (): void => {
    storing ??= drain().finally(() => {
      storing = undefined;
      if (taken.length > 0) wake();
    });
  };

  return {
    know: (run, input) => {
      if (!known.has(run.runId)) known.set(run.runId, newRows(run, input));
    },
    take: (event, extras) => {
      if (isClosed || event.runId === null) return;
      if (taken.length >= MOST_TAKEN && event.code.endsWith(".progress")) return;
      taken.push({ event, extras });
      wake();
    },
    forget: (runIds) => {
      for (const id of runIds) {
        known.delete(id);
        isLoaded.delete(id);
      }
    },
    flush: async () => {
      while (storing !== undefined || taken.length > 0) await storing;
    },
    close: async () => {
      while (storing !== undefined || taken.length > 0) await storing;
      isClosed = true;
    },
  };
}
