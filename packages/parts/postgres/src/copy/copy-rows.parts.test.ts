import { retry } from "@tidegate/kernel";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPool, type Pool, type PoolClient } from "../connection/create-pool.ts";
import { queryRows } from "../connection/query-rows.ts";
import { withTransaction } from "../connection/with-transaction.ts";
import { createTestDatabase, type TestDatabase } from "../testing/create-test-database.ts";
import { copyRows, copyTables } from "./copy-rows.ts";
import { createCopyEncoder, type CopyEncoder } from "./create-copy-encoder.ts";

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "copy test", max: 3 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { freq: 6 });
const row = fc.record({
  small: orNull(fc.integer()),
  big: orNull(fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger().map(BigInt))),
  yes: orNull(fc.boolean()),
  bytes: orNull(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))),
  words: orNull(fc.string({ unit: "grapheme", maxLength: 60 }).map((text) => text.replaceAll("\0", ""))),
  amount: orNull(
    fc.oneof(fc.bigInt(), fc.bigInt({ min: -(10n ** 120n), max: 10n ** 120n }), fc.bigInt(0n, 10n ** 20n)),
  ),
  time: orNull(fc.date({ min: new Date("1970-01-01"), max: new Date("2200-01-01"), noInvalidDate: true })),
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;
const COLUMNS = ["small", "big", "yes", "bytes", "words", "amount", "time"] as const;

function encode(encoder: CopyEncoder, rows: readonly Row[]): void {
  for (const one of rows) {
    encoder.startRow(COLUMNS.length);
    if (one.small === null) encoder.null();
    else encoder.int4(one.small);
    if (one.big === null) encoder.null();
    else encoder.int8(Number.isSafeInteger(Number(one.big)) ? Number(one.big) : one.big);
    if (one.yes === null) encoder.null();
    else encoder.bool(one.yes);
    if (one.bytes === null) encoder.null();
    else if (one.bytes.length % 2 === 0) encoder.bytea(one.bytes);
    else encoder.byteaHex(`0x${one.bytes.toString("hex")}`);
    if (one.words === null) encoder.null();
    else encoder.text(one.words);
    if (one.amount === null) encoder.null();
    else encoder.numeric(one.amount);
    if (one.time === null) encoder.null();
    else if (one.time.getTime() % 1_000 === 0) encoder.timestamptzSeconds(BigInt(one.time.getTime() / 1_000));
    else encoder.timestamptz(one.time);
  }
}

test(`random rows come back as they went in (SEED=${seed})`, async () => {
  await queryRows(
    pool,
    `CREATE TABLE "round Trip" (place bigserial, small int4, big int8, yes bool, bytes bytea, words text, amount numeric, time timestamptz)`,
  );
  // One encoder for all runs: its memory is reused, with chunks small enough to be crossed often.
  const encoder = createCopyEncoder({ chunkBytes: 1_024 });
  const property = fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (rows) => {
    encoder.clear();
    encode(encoder, rows);
    const back = await withTransaction(pool, async (client) => {
      await client.query(`TRUNCATE "round Trip"`);
      const count = await copyRows({ client, schema: "public", table: "round Trip", columns: COLUMNS, rows: encoder });
      expect(count).toBe(rows.length);
      return queryRows<Row>(client, `SELECT ${COLUMNS.join(", ")} FROM "round Trip" ORDER BY place`);
    });
    const expected = rows.map((one) => ({ ...one, amount: one.amount === null ? null : one.amount.toString() }));
    expect(back).toEqual(expected);
  });
  await fc.assert(property, { seed, numRuns: 60 });
});

async function onClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  client.on("error", () => undefined);
  try {
    const result = await work(client);
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function manyRows(table: string, rows: number): Promise<CopyEncoder> {
  await queryRows(pool, `CREATE TABLE ${table} (n int8 PRIMARY KEY, bytes bytea)`);
  const encoder = createCopyEncoder();
  const bytes = Buffer.alloc(1_000, 7);
  for (let n = 0; n < rows; n++) {
    encoder.startRow(2);
    encoder.int8(n);
    encoder.bytea(bytes);
  }
  return encoder;
}

test("tens of megabytes go through, and the same encoder can be sent again", async () => {
  const encoder = await manyRows("many", 30_000);
  const send = (client: PoolClient): Promise<number> =>
    copyRows({ client, table: "many", columns: ["n", "bytes"], rows: encoder });
  expect(await onClient(send)).toBe(30_000);
  await queryRows(pool, "TRUNCATE many");
  expect(await onClient(send)).toBe(30_000);
  expect(
    await queryRows(pool, "SELECT count(*) AS rows, sum(n) AS sum, min(length(bytes)) AS bytes FROM many"),
  ).toEqual([{ rows: 30_000n, sum: "449985000", bytes: 1_000 }]);
});

test("no rows: nothing is sent", async () => {
  expect(
    await onClient((client) => copyRows({ client, table: "nowhere", columns: [], rows: createCopyEncoder() })),
  ).toBe(0);
});

test("what the server refuses is told, nothing is kept, and the connection goes on", async () => {
  const encoder = await manyRows("refused", 20_000);
  encoder.startRow(2);
  encoder.int8(5);
  encoder.null();
  await onClient(async (client) => {
    const copy = copyRows({ client, table: "refused", columns: ["n", "bytes"], rows: encoder });
    await expect(copy).rejects.toMatchObject({ name: "PostgresQueryFailed", sqlState: "23505" });
    const missing = copyRows({ client, table: "nowhere", columns: ["n", "bytes"], rows: encoder });
    await expect(missing).rejects.toMatchObject({ name: "PostgresQueryFailed", sqlState: "42P01" });
    expect(await queryRows(client, "SELECT count(*) AS rows FROM refused")).toEqual([{ rows: 0n }]);
  });
});

test("several tables are copied in one round trip, in order, and all or none of them", async () => {
  const [first, second] = [await manyRows("first", 3_000), await manyRows("second", 20_000)];
  const target = (table: string, rows: CopyEncoder) => ({ table, columns: ["n", "bytes"], rows });
  const none = target("nowhere", createCopyEncoder());
  await onClient(async (client) => {
    const targets = [target("first", first), none, target("second", second)];
    expect(await copyTables({ client, targets })).toEqual([3_000, 0, 20_000]);
    // The second table refuses what it has already: the first one keeps nothing of it, either.
    await queryRows(client, "TRUNCATE first");
    await expect(copyTables({ client, targets })).rejects.toMatchObject({ sqlState: "23505" });
    expect(await queryRows(client, "SELECT count(*) AS rows FROM first")).toEqual([{ rows: 0n }]);
    // What was under way when it failed is thrown away by the server, and the connection goes on.
    await expect(
      copyTables({ client, targets: [target("nowhere", first), target("first", first)] }),
    ).rejects.toMatchObject({
      sqlState: "42P01",
    });
    expect(await copyTables({ client, targets: [target("first", first)] })).toEqual([3_000]);
  });
});

test("an aborted copy keeps nothing and leaves the connection usable", async () => {
  const encoder = await manyRows("aborted", 20_000);
  await onClient(async (client) => {
    const { signal } = { signal: AbortSignal.abort() };
    const copy = copyRows({ client, table: "aborted", columns: ["n", "bytes"], rows: encoder, signal });
    await expect(copy).rejects.toMatchObject({ name: "PostgresStatementTimeout" });
    expect(await queryRows(client, "SELECT count(*) AS rows FROM aborted")).toEqual([{ rows: 0n }]);
  });
});

test("a connection that is lost in the middle of a copy is told", async () => {
  const encoder = await manyRows("lost", 30_000);
  const copy = onClient(async (client) => {
    const [row] = await queryRows<{ pid: number }>(client, "SELECT pg_backend_pid() AS pid");
    const copying = copyRows({ client, table: "lost", columns: ["n", "bytes"], rows: encoder });
    const outcome = copying.catch((error: unknown) => error);
    await queryRows(pool, "SELECT pg_terminate_backend($1)", [row?.pid]);
    return outcome;
  });
  expect(await copy).toMatchObject({ name: "PostgresUnreachable", retry: "later" });
  // The pool may hand out the lost connection once more before it notices.
  const count = async () => queryRows(pool, "SELECT count(*) AS rows FROM lost");
  expect(await retry(count, { attempts: 3 })).toEqual([{ rows: 0n }]);
});
