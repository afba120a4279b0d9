// Who migrates, or did last and was cut off, as Bazooka's own record has it.
import { queryRows, type Queryable } from "@tidegate/postgres";

export interface MigrationHolder {
  readonly runId: string;
  readonly host: string;
  readonly pid: number;
  readonly since: Date;
  /** Not ended in order: at work, or killed. */
  readonly isHeld: boolean;
  /** The last batch before it began. */
  readonly batchBefore: number;
  /** The one outside a transaction that was under way. */
  readonly migration: string | null;
  /** `schema.name` of every index that there was before it. */
  readonly indexesBefore: readonly string[] | null;
}

/** The holder that was recorded last, whether or not it lives; undefined when the last one ended in order and left nothing to clean up. */
export async function readHolder(client: Queryable): Promise<MigrationHolder | undefined> {
  const [there] = await queryRows<{ there: boolean }>(
    client,
    "SELECT to_regclass('tidegate_bazooka.migrating') IS NOT NULL AS there",
  );
  if (there?.there !== true) return undefined;
  const [row] = await queryRows<MigrationHolder>(
    client,
    `SELECT run_id AS "runId", host, pid, since, is_held AS "isHeld", batch_before AS "batchBefore", migration, indexes_before AS "indexesBefore"
       FROM tidegate_bazooka.migrating`,
  );
  return row;
}

/** One that ended is nobody's name for what goes on now. */
export function describeHolder(holder: MigrationHolder | undefined): string {
  if (holder?.isHeld !== true) return "by a session that left no name";
  return `by run ${holder.runId} on ${holder.host} (pid ${holder.pid}), since ${holder.since.toISOString()}`;
}
