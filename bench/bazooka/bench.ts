// How fast are orders encoded and sent, in how much memory, and how fast are topics cleared, against what others wrote?
import { kafkaOff } from "@tidegate/kafka";
import { startTestBroker } from "@tidegate/kafka/testing";
import type { Secret } from "@tidegate/kernel";
import { createPool, queryRows, type Pool } from "@tidegate/postgres";
import { createTestDatabase, RUN_VARIABLE, startTestServer, URL_VARIABLE } from "@tidegate/postgres/testing";
import { atLeast, atMost, neverAbove, type Bar, type Bench } from "../bar.ts";
import { measureClearing } from "./clearing.ts";
import { measureEncoding } from "./encoding.ts";
import { fillStore, measureSending } from "./sending.ts";

/** The issue's own bars. */
const ENCODING_BAR = 3;
const THROUGHPUT_BAR = 1;
const RSS_BAR_MB = 200;
const CLEARING_BAR = 1.5;

const ORDERS = 1_000_000;
const RECORDS = 1_000_000;

export const bench: Bench = async ({ isQuick }) => {
  const off = kafkaOff();
  if (off !== undefined) throw new Error(`This bench needs Kafka, and ${off.reason}. ${off.remedy}`);
  const pairs = isQuick ? 1 : 7;
  const [server, broker] = await Promise.all([startTestServer(), startTestBroker()]);
  process.env[URL_VARIABLE] = server.url.reveal();
  process.env[RUN_VARIABLE] = "bench";
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, applicationName: "bench", max: 2, statementTimeoutMs: 0 });
  try {
    await fillStore(pool, database.url, ORDERS);
    await queryRows(pool, "ANALYZE");
    return await measure(pool, { databaseUrl: database.url, brokers: broker.brokers, pairs, isQuick });
  } finally {
    await pool.end();
    await database.drop();
    await Promise.all([server.stop(), broker.stop()]);
  }
};

interface Measured {
  readonly databaseUrl: Secret;
  readonly brokers: readonly string[];
  readonly pairs: number;
  readonly isQuick: boolean;
}

async function measure(pool: Pool, { databaseUrl, brokers, pairs, isQuick }: Measured): Promise<readonly Bar[]> {
  return [
    ...encodingBars(await measureEncoding(pool, isQuick ? 5 : 15)),
    ...sendingBars(await measureSending({ databaseUrl, brokers, pairs })),
    ...clearingBars(await measureClearing({ brokers, records: RECORDS, pairs })),
  ];
}

function encodingBars({ orders, samples }: Awaited<ReturnType<typeof measureEncoding>>): readonly Bar[] {
  const size = `${orders} orders of the store, id and place of each`;
  const ratios = samples.map((one) => one.theirsNs / one.oursNs);
  return [
    atLeast("encoder, times as fast as protobufjs + long", ratios, size, ENCODING_BAR),
    atMost(
      "encoder, ns an order",
      samples.map((one) => one.oursNs),
      size,
    ),
  ];
}

function sendingBars({ messages, samples }: Awaited<ReturnType<typeof measureSending>>): readonly Bar[] {
  const size = `${ORDERS} orders, ${messages} messages, PostgreSQL to Kafka on one machine, fsync of PostgreSQL off`;
  const ratios = samples.map((one) => one.theirsMs / one.oursMs);
  return [
    atLeast("orders sent, throughput to the same path with protobufjs + long", ratios, size, THROUGHPUT_BAR),
    atMost(
      "orders sent, s",
      samples.map((one) => one.oursMs / 1_000),
      size,
    ),
    neverAbove(
      "orders sent, peak RSS of the whole process, MB",
      samples.map((one) => one.oursMb),
      size,
      RSS_BAR_MB,
    ),
    atMost(
      "the same with protobufjs + long, peak RSS, MB",
      samples.map((one) => one.theirsMb),
      size,
    ),
  ];
}

function clearingBars({ partitions, samples }: Awaited<ReturnType<typeof measureClearing>>): readonly Bar[] {
  const size = `${partitions} partitions, ${RECORDS} records, verified empty`;
  const ratios = samples.map((one) => one.oursMs / one.javaMs);
  return [
    atMost("topics cleared, ratio to Kafka's Java admin client", ratios, size, CLEARING_BAR),
    atMost(
      "topics cleared, ms",
      samples.map((one) => one.oursMs),
      size,
    ),
    atMost(
      "Java admin client, ms",
      samples.map((one) => one.javaMs),
      size,
    ),
  ];
}
