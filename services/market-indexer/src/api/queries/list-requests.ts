// A page of requests, newest first, by keyset: a page never shifts because rows were added in front of it.
import { queryRows, type Queryable } from "@tidegate/postgres";
import type { RequestPosition } from "../request-cursor.ts";
import { REQUEST_COLUMNS, REQUEST_JOINS, type RequestRow } from "./request-row.ts";

/** The fields that a list can be sorted by; each has an index (field desc, request_digest desc). */
export const SORT_FIELDS = ["created_at", "updated_at"] as const;
export type SortField = (typeof SORT_FIELDS)[number];

export interface RequestPage {
  readonly rows: readonly RequestRow[];
  /** Where the next page begins; undefined on the last page. */
  readonly next: RequestPosition | undefined;
}

/** Up to `limit` requests after the position, in the order (field, digest) descending. */
export async function listRequests(
  pool: Queryable,
  page: { readonly sortBy: SortField; readonly limit: number; readonly after: RequestPosition | undefined },
): Promise<RequestPage> {
  // One row more than asked tells whether a next page exists, so that the last full page is not followed by an empty one.
  const values = [page.limit + 1, ...(page.after === undefined ? [] : [page.after.timestamp, page.after.digest])];
  const rows = await queryRows<RequestRow>(pool, statementFor(page.sortBy, page.after !== undefined), values);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const hasMore = rows.length > page.limit && last !== undefined;
  return {
    rows: shown,
    next: hasMore ? { timestamp: last[page.sortBy], digest: last.request_digest } : undefined,
  };
}

/** The page is cut before the joins, so that wide columns are read for its rows alone. */
function statementFor(field: SortField, isContinued: boolean): string {
  return `
    select ${REQUEST_COLUMNS}
    from (
      select * from request_status
      ${isContinued ? `where (${field}, request_digest) < ($2::bigint, $3::bytea)` : ""}
      order by ${field} desc, request_digest desc
      limit $1
    ) status
    ${REQUEST_JOINS}
    order by status.${field} desc, status.request_digest desc`;
}
