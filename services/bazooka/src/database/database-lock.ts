// One run changes a database at a time, whatever installation it belongs to: two advisory locks of the database itself. `database` is held by
// whoever changes it. `work` is shared by every session that works for the holder, so that nobody comes in while one of them lives whose holder
// is gone.
import { systemClock, TimedOut, waitUntil } from "@tidegate/kernel";
import { queryRows, type Queryable } from "@tidegate/postgres";
import { DatabaseBusy } from "../errors.ts";
import { describeHolder, readHolder } from "./holder.ts";

/** Longest wait for another run: the backend of a killed one notices within a second. */
const WAIT_MS = 30_000;

const HOLD = "hashtextextended('tidegate_bazooka.database', 0)";
const WORK = "hashtextextended('tidegate_bazooka.work', 0)";

export interface LockWait {
  readonly address: string;
  readonly signal: AbortSignal;
}

/** For this session. Polls: a statement that waited would hold a snapshot, and a concurrent index build waits for those. Throws DatabaseBusy. */
export async function takeDatabaseLock(client: Queryable, wait: LockWait): Promise<void> {
  await untilFree(client, wait, async () =>
    (await isTrue(client, `pg_try_advisory_lock(${HOLD})`)) ? true : undefined,
  );
  await untilFree(client, wait, async () => {
    if (!(await isTrue(client, `pg_try_advisory_lock(${WORK})`))) return undefined;
    return isTrue(client, `pg_advisory_unlock(${WORK})`);
  });
}

/** For this transaction, or not at all. */
export async function tryDatabaseLock(client: Queryable): Promise<boolean> {
  if (!(await isTrue(client, `pg_try_advisory_xact_lock(${HOLD})`))) return false;
  return isTrue(client, `pg_try_advisory_xact_lock(${WORK})`);
}

/** What a session runs that works for the holder whose session has this process id: true in `joined` when that one still holds the lock. */
export function joinWorkSql(holderPid: number): string {
  return `SELECT pg_try_advisory_lock_shared(${WORK}) AND ${heldBy(`pid = ${holderPid}`)} AS joined`;
}

export async function isDatabaseHeld(client: Queryable): Promise<boolean> {
  return isTrue(client, heldBy("true"));
}

/** Gives what `look` gives, once it gives something. Throws DatabaseBusy when that takes longer than 30 s. */
export async function untilFree<T>(
  client: Queryable,
  { address, signal }: LockWait,
  look: () => Promise<T | undefined>,
): Promise<T> {
  try {
    const what = "The database being free";
    return await waitUntil(look, { what, limitMs: WAIT_MS, everyMs: 100, remedy: "", signal, clock: systemClock });
  } catch (error) {
    if (!(error instanceof TimedOut)) throw error;
    throw new DatabaseBusy({ address, holder: describeHolder(await readHolder(client)), waitedMs: WAIT_MS });
  }
}

/** A key of 64 bits is shown in two halves. Source: PostgreSQL documentation, "pg_locks". */
function heldBy(condition: string): string {
  return `EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock' AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ((classid::bigint << 32) | objid::bigint) = ${HOLD} AND ${condition})`;
}

async function isTrue(client: Queryable, condition: string): Promise<boolean> {
  const [row] = await queryRows<{ it: boolean }>(client, `SELECT ${condition} AS it`);
  return row?.it === true;
}
