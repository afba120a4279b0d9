// Every digest of one request id: a request may be submitted again with another offer under the same id.
import { queryRows, type Queryable } from "@tidegate/postgres";
import { REQUEST_COLUMNS, REQUEST_JOINS, type RequestRow } from "./request-row.ts";

/** The requests with this 32-byte id, newest first; empty when there is none. */
export async function requestsById(pool: Queryable, requestId: Buffer): Promise<readonly RequestRow[]> {
  return queryRows<RequestRow>(
    pool,
    `select ${REQUEST_COLUMNS}
     from request_status status
     ${REQUEST_JOINS}
     where status.request_id = $1
     order by status.created_at desc, status.request_digest desc`,
    [requestId],
  );
}
