// Whether the database answers and the indexer has made its tables.
import { queryRows, type Queryable } from "@tidegate/postgres";

/** False before the first start of the market indexer on this database. */
export async function isSchemaThere(pool: Queryable): Promise<boolean> {
  const [row] = await queryRows<{ is_there: boolean }>(
    pool,
    "select to_regclass('request_status') is not null as is_there",
  );
  return row?.is_there === true;
}
