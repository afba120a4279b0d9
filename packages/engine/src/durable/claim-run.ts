// The claim of an executor on a run: a fence that grows with every execution, given only to whom DBOS gave the run.
import { PostgresLockTimeout, queryRows, withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";
import type { Fence } from "../context/run-context.ts";
import type { CancelRequest } from "../flow/execution.ts";
import { FenceStale } from "../errors/executor-errors.ts";

export interface Claim {
  readonly token: number;
  readonly cancel: CancelRequest | null;
  readonly lockWaitUntil: Date;
  /** How often in a row an executor died in the same step of this run. */
  readonly fruitlessClaims: number;
  /** Places of the journal that are filled. */
  readonly recorded: ReadonlySet<number>;
}

/** Longest wait for an effect that was begun under the token before, in one try. */
const LOCK_WAIT = "5s";

/**
 * Takes the next token. Undefined when DBOS has given the run to another executor meanwhile: then nothing of this execution may
 * happen. FOR SHARE keeps a takeover waiting until the token is written, so the later claimant always has the higher token.
 *
 * "busy" when an effect of the execution before holds the token: its statement goes on, though its executor is gone.
 */
export async function claimRun(
  pool: Pool,
  facts: { readonly runId: string; readonly executor: string; readonly lockWaitMs: number },
): Promise<Claim | "busy" | undefined> {
  try {
    return await withTransaction(pool, async (client) => {
      await queryRows(client, `SET LOCAL lock_timeout = '${LOCK_WAIT}'`);
      return takeToken(client, facts);
    });
  } catch (error) {
    if (error instanceof PostgresLockTimeout) return "busy";
    throw error;
  }
}

async function takeToken(
  client: PoolClient,
  facts: { readonly runId: string; readonly executor: string; readonly lockWaitMs: number },
): Promise<Claim | undefined> {
  const [row] = await queryRows<{
    fence: number;
    cancel_by: string | null;
    cancel_reason: string | null;
    lock_wait_until: Date;
    fruitless_claims: number;
    recorded: number[];
  }>(
    client,
    `INSERT INTO tidegate_engine.claims (run_id, fence, executor, lock_wait_until)
     SELECT workflow_uuid, 1, $2, now() + make_interval(secs => $3 / 1000.0)
       FROM dbos.workflow_status WHERE workflow_uuid = $1 AND executor_id = $2 AND status = 'PENDING' FOR SHARE
     ON CONFLICT (run_id) DO UPDATE
       SET fence = claims.fence + 1, executor = excluded.executor,
           lock_wait_until = COALESCE(claims.lock_wait_until, excluded.lock_wait_until)
     RETURNING fence, CASE WHEN cancel_requested_at IS NOT NULL THEN cancel_by END AS cancel_by, cancel_reason, lock_wait_until, fruitless_claims,
       ARRAY(SELECT function_id FROM dbos.operation_outputs WHERE workflow_uuid = $1) AS recorded`,
    [facts.runId, facts.executor, facts.lockWaitMs],
  );
  if (row === undefined) return undefined;
  return {
    token: row.fence,
    cancel: row.cancel_by === null ? null : { by: row.cancel_by, reason: row.cancel_reason },
    lockWaitUntil: row.lock_wait_until,
    fruitlessClaims: row.fruitless_claims,
    recorded: new Set(row.recorded),
  };
}

export function createFence(runId: string, token: number): Fence {
  return {
    token,
    check: async (client) => {
      // FOR SHARE: a takeover waits for the end of the caller's transaction.
      const [row] = await queryRows<{ fence: number }>(
        client,
        "SELECT fence FROM tidegate_engine.claims WHERE run_id = $1 FOR SHARE",
        [runId],
      );
      if (row?.fence !== token) throw new FenceStale({ runId, token, current: row?.fence ?? null });
    },
  };
}
