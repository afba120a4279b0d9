// The same key starts nothing twice, however many ask at once and wherever they are killed.
import { queryRows, withTransaction, type Pool, type Queryable } from "@tidegate/postgres";
import { StartKeyReused } from "../errors/run-errors.ts";

export interface StartKey {
  readonly operation: string;
  readonly key: string;
  readonly scope: "forever" | "unfinished";
  readonly inputDigest: string;
  readonly requestId?: string | undefined;
}

const UNFINISHED = `w.status IN ('PENDING', 'ENQUEUED', 'DELAYED')`;
/** A run whose key is written but whose workflow is not yet there is being started, or its starter was killed: then the next one starts it. */
const FIND = `
SELECT k.run_id, k.input_digest, w.workflow_uuid IS NULL AS is_missing, COALESCE(${UNFINISHED}, true) AS is_unfinished
  FROM tidegate_engine.start_keys k LEFT JOIN dbos.workflow_status w ON w.workflow_uuid = k.run_id
 WHERE k.operation = $1 AND k.key = $2 ORDER BY k.created_at DESC, k.run_id DESC LIMIT 1`;

interface Found {
  readonly run_id: string;
  readonly input_digest: string;
  readonly is_missing: boolean;
  readonly is_unfinished: boolean;
}

/** The run that this key leads to already and that is there; undefined when it would start one. Throws StartKeyReused. */
export async function findStartKey(pool: Pool, start: StartKey): Promise<string | undefined> {
  const found = await find(pool, start);
  return found?.is_missing === false ? found.run_id : undefined;
}

/** Binds the key to a run: to an earlier one, whose start may have to be finished, or to the new id. Throws StartKeyReused. */
export async function claimStartKey(pool: Pool, start: StartKey, newRunId: string): Promise<string> {
  return withTransaction(pool, async (client) => {
    const { operation, inputDigest } = start;
    await queryRows(client, "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", [`${operation} ${start.key}`]);
    const found = await find(client, start);
    const runId = found?.run_id ?? newRunId;
    const keys = [...(found === undefined ? [start.key] : []), ...requestKeys(start)];
    await queryRows(
      client,
      `INSERT INTO tidegate_engine.start_keys (operation, key, run_id, input_digest, created_at)
       SELECT $1, key, $2, $3, clock_timestamp() FROM unnest($4::text[]) AS key ON CONFLICT DO NOTHING`,
      [operation, runId, inputDigest, keys],
    );
    return runId;
  });
}

const requestKeys = ({ requestId }: StartKey): readonly string[] =>
  requestId === undefined ? [] : [`request:${requestId}`];

async function find(source: Queryable, start: StartKey): Promise<Found | undefined> {
  for (const key of requestKeys(start)) {
    const [own] = await queryRows<Found>(source, FIND, [start.operation, key]);
    if (own !== undefined) return own;
  }
  return leadsTo((await queryRows<Found>(source, FIND, [start.operation, start.key]))[0], start);
}

function leadsTo(found: Found | undefined, { operation, key, scope, inputDigest }: StartKey): Found | undefined {
  if (found === undefined || (scope === "unfinished" && !found.is_unfinished)) return undefined;
  if (found.input_digest !== inputDigest) throw new StartKeyReused({ operation, key, runId: found.run_id });
  return found;
}
