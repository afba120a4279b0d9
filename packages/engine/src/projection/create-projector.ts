// Writes the projection behind the engine's back: events are taken at once, stored in batches, and lost with the process (see rebuild).
import { retry } from "@tidegate/kernel";
import { withTransaction, type Pool } from "@tidegate/postgres";
import type { EngineEvent } from "../events/engine-event.ts";
import { applyEvent, type EventExtras } from "./apply-event.ts";
import { loadRows } from "./load-rows.ts";
import { ENDED_STATES } from "./run.ts";
import { newRows, type NewRun, type RunRows, type StepRow } from "./rows.ts";
import { announce, lockEvents, storeEvents, storeRows } from "./store-rows.ts";

export interface Projector {
  /** Before the first event of a run of this process. */
  know(run: NewRun, input: string): void;
  take(event: EngineEvent, extras: EventExtras): void;
  /** Drops what is remembered of runs that somebody else writes now. */
  forget(runIds: readonly string[]): void;
  /** Resolves when all that was taken before is stored, or could not be; what is taken meanwhile is not waited for. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** After a quiet time: soon, for who watches. */
const FIRST_GATHER_MS = 10;
/** While more keeps coming: long enough to gather the events of many short steps, short enough not to be seen. */
const GATHER_MS = 120;
/** A single run that outpaces the database must not fill the memory. */
const MOST_TAKEN = 20_000;

interface Taken {
  readonly event: EngineEvent;
  readonly extras: EventExtras;
}

/** Events that are stored together. */
interface Batch {
  readonly taken: Taken[];
  readonly settled: PromiseWithResolvers<void>;
}

const newBatch = (): Batch => ({ taken: [], settled: Promise.withResolvers() });

interface Memory {
  /** Rows of runs that this process works on. */
  readonly known: Map<string, RunRows>;
  /** Those of them that are as the tables have them. */
  readonly isLoaded: Set<string>;
}

export function createProjector(deps: {
  readonly pool: Pool;
  readonly onTrouble: (error: unknown) => void;
}): Projector {
  const memory: Memory = { known: new Map(), isLoaded: new Set() };
  let gathering = newBatch();
  /** Undefined while nothing is stored or gathered. */
  let storing: Batch | undefined;
  let isDraining = false;
  let isClosed = false;
  /** Somebody waits for what is being gathered. */
  let isHurried = false;
  let endGathering = (): void => undefined;
  const gather = async (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      endGathering = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const drain = async (): Promise<void> => {
    isDraining = true;
    for (let gatherMs = FIRST_GATHER_MS; gathering.taken.length > 0; gatherMs = isHurried ? 0 : GATHER_MS) {
      await gather(gatherMs);
      isHurried = false;
      const batch = gathering;
      gathering = newBatch();
      storing = batch;
      try {
        await retry(() => store(deps.pool, memory, batch.taken), { attempts: 5, baseMs: 100, maxMs: 2_000 });
      } catch (error) {
        // The history has it all: a rebuild, or the takeover of these runs, brings it back.
        deps.onTrouble(error);
      }
      storing = undefined;
      batch.settled.resolve();
    }
    isDraining = false;
  };
  const flush = async (): Promise<void> => {
    const last = gathering.taken.length > 0 ? gathering : storing;
    if (last === undefined) return;
    if (last === gathering) isHurried = true;
    endGathering();
    await last.settled.promise;
  };

  return {
    know: (run, input) => {
      if (!memory.known.has(run.runId)) memory.known.set(run.runId, newRows(run, input));
    },
    take: (event, extras) => {
      if (isClosed || event.runId === null) return;
      if (gathering.taken.length >= MOST_TAKEN && event.code.endsWith(".progress")) return;
      gathering.taken.push({ event, extras });
      if (!isDraining) void drain();
    },
    forget: (runIds) => {
      for (const id of runIds) {
        memory.known.delete(id);
        memory.isLoaded.delete(id);
      }
    },
    flush,
    close: async () => {
      await flush();
      isClosed = true;
      // What was taken while that was stored.
      await flush();
    },
  };
}

async function store(pool: Pool, memory: Memory, batch: readonly Taken[]): Promise<void> {
  const { known, isLoaded } = memory;
  const runIds = [...new Set(batch.map(({ event }) => event.runId ?? ""))];
  const changed = new Map<string, RunRows>();
  await withTransaction(pool, async (client) => {
    await lockEvents(client);
    const stored = await loadRows(
      client,
      runIds.filter((id) => !isLoaded.has(id)),
    );
    const before = (id: string): RunRows | undefined => stored.get(id) ?? known.get(id);
    for (const { event, extras } of batch) {
      const id = event.runId ?? "";
      const rows = changed.get(id) ?? copyOf(before(id));
      if (rows !== undefined) changed.set(id, applyEvent(rows, event, extras));
    }
    await storeRows(
      client,
      [...changed].map(([id, rows]) => ({ run: rows.run, steps: changedSteps(before(id), rows) })),
    );
    await storeEvents(
      client,
      batch.map(({ event }) => event),
    );
    await announce(client, runIds);
  });
  for (const [id, rows] of changed) {
    if (ENDED_STATES.has(rows.run.state)) {
      isLoaded.delete(id);
      known.delete(id);
    } else {
      isLoaded.add(id);
      known.set(id, rows);
    }
  }
}

/** A batch that could not be stored is applied again to what was before. */
function copyOf(rows: RunRows | undefined): RunRows | undefined {
  return rows === undefined ? undefined : { run: rows.run, steps: new Map(rows.steps) };
}

/** Rows are never changed in place: what is another object is another row. */
function changedSteps(before: RunRows | undefined, after: RunRows): Map<string, StepRow> {
  return new Map([...after.steps].filter(([name, step]) => before?.steps.get(name) !== step));
}
