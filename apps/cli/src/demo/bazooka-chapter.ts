// Chapter "bazooka": an empty installation is prepared and filled, its stateful orders are sent to Kafka and read back, and all of it is cleared.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { embeddedUrl } from "@tidegate/postgres";
import { checkoutRoot } from "../installation/checkout-root.ts";
import { installationPaths } from "../installation/paths.ts";
import { STORE_DATABASE } from "../installation/service-specs.ts";
import type { Chapter, ChapterInput, Check } from "./chapter.ts";
import { askRedis, kafkaTools, type KafkaTools, type TopicLook } from "./kafka-tools.ts";
import { outsideClients, type OutsideClients } from "./outside-clients.ts";
import { startTemporaryInstallation, type TemporaryInstallation } from "./temporary-installation.ts";

const ORDERS = 5_000;
const FILL_LIMIT_MS = 120_000;

const TOPICS: ReadonlyArray<readonly [string, number]> = [
  ["to-ender", 1],
  ["to-vulcan", 210],
  ["to-websockets-orderbooks", 1],
  ["to-websockets-subaccounts", 3],
  ["to-websockets-trades", 1],
  ["to-websockets-markets", 1],
  ["to-websockets-candles", 1],
  ["to-websockets-block-height", 1],
];
const VULCAN = "to-vulcan";

/** As Kafka's console consumer prints the first byte of an order_place and of an order_update. */
const PLACE = "\\x0A";
const UPDATE = "\\x1A";

export const bazookaChapter: Chapter = {
  name: "bazooka",
  title:
    "an empty installation is prepared, its stateful orders are sent, and everything is cleared; the plan before each",
  run: async (input) => {
    const clients = outsideClients();
    input.tell(`Starting an installation of its own; looking at it through Kafka's own tools, ${clients.names}.`);
    const installation = await startTemporaryInstallation(["--only", "postgres,kafka,redis,operator"]);
    try {
      return await runIn(installation, clients, input);
    } finally {
      input.tell("Stopping the installation and removing its data.");
      installation.remove();
    }
  },
};

interface Look {
  readonly sql: (statement: string) => Promise<number>;
  readonly kafka: KafkaTools;
  readonly redisKeys: () => Promise<string>;
}

async function runIn(
  { home, ports, tidegate }: TemporaryInstallation,
  clients: OutsideClients,
  { tell, isSabotaged }: ChapterInput,
): Promise<readonly Check[]> {
  const url = await embeddedUrl({
    dataDir: installationPaths(home).postgres,
    port: ports.postgres,
    database: STORE_DATABASE,
  });
  const look: Look = {
    sql: async (statement) => Number((await clients.sql(url.reveal(), statement))[0]?.[0]),
    kafka: await kafkaTools(`127.0.0.1:${ports.kafka}`),
    redisKeys: async () => askRedis(ports.redis, "DBSIZE"),
  };
  /** Shows the plan, then applies exactly it. */
  const prepare = (...flags: readonly string[]): void => {
    const sets = flags.flatMap((flag) => ["--set", `${flag}=true`]);
    const plan = JSON.parse(tidegate(["prepare", "plan", ...sets, "--json"], true)) as ShownPlan;
    tell(`tidegate prepare plan ${sets.join(" ")}`);
    for (const step of plan.draft.steps) tell(`  ${step.destroys ? "DESTROYS" : "changes "}  ${step.change}`);
    for (const note of plan.draft.notes ?? []) tell(`  note      ${note}`);
    tidegate(["prepare", "apply", plan.id, ...(plan.destroys ? [`--confirm=${plan.draft.target}`] : ["--yes"])]);
  };

  prepare("migrate", "create_kafka_topics");
  const prepared = await checkPrepared(look);
  tell(`Filling the store with ${ORDERS} open stateful orders and some others, and Redis with two keys ...`);
  execFileSync(
    process.execPath,
    [join(checkoutRoot, "examples/indexer-store/src/main.ts"), "--orders", String(ORDERS)],
    {
      env: { ...process.env, DATABASE_URL: url.reveal() },
      timeout: FILL_LIMIT_MS,
      stdio: "ignore",
    },
  );
  await askRedis(ports.redis, "MSET one 1 two 2");
  tell("Writing a record into every other topic with Kafka's own producer, so that there is something to clear ...");
  for (const [topic] of TOPICS) if (topic !== VULCAN) await look.kafka.write(topic, "left over");
  const filled = await checkFilled(look);
  prepare("send_stateful_orders_to_vulcan");
  if (isSabotaged) {
    tell("Sabotage: removing one open order behind the product's back.");
    await clients.sql(
      url.reveal(),
      `delete from orders where id = (select id from orders where status = 'OPEN' and "orderFlags" in (32, 64) limit 1)`,
    );
  }
  const sent = await checkSent(look);
  prepare("clear_db", "clear_kafka_topics", "clear_redis", "force");
  return [...prepared, ...filled, ...sent, ...(await checkCleared(look))];
}

interface ShownPlan {
  readonly id: string;
  readonly destroys: boolean;
  readonly draft: {
    readonly target: string;
    readonly steps: ReadonlyArray<{ readonly change: string; readonly destroys: boolean }>;
    readonly notes?: readonly string[];
  };
}

async function checkPrepared({ sql, kafka }: Look): Promise<readonly Check[]> {
  const tables = await sql("select count(*) from pg_tables where schemaname = 'public' and tablename not like 'knex%'");
  const topics = await kafka.topics();
  return [
    { claim: "the migrations made the store's 15 tables", holds: tables === 15, seen: `${tables} tables` },
    {
      claim: "the eight topics of the document are there, with its partitions",
      holds:
        topics.size === TOPICS.length && TOPICS.every(([topic, wanted]) => topics.get(topic)?.partitions === wanted),
      seen: TOPICS.map(([topic]) => `${topic} ${topics.get(topic)?.partitions ?? 0}`).join(", "),
    },
  ];
}

/** Rows of all tables of the store, but Knex's: counted one by one, in one statement. */
const ALL_ROWS = `
  select sum((xpath('/row/n/text()', query_to_xml(format('select count(*) as n from public.%I', tablename), false, true, '')))[1]::text::bigint)
    from pg_tables where schemaname = 'public' and tablename not like 'knex%'`;

async function checkFilled({ sql, kafka }: Look): Promise<readonly Check[]> {
  const rows = await sql(ALL_ROWS);
  const topics = await kafka.topics();
  const others = TOPICS.filter(([topic]) => topic !== VULCAN);
  return [
    {
      claim: "there is something to lose: rows, and a record in each of the seven other topics",
      holds: rows > ORDERS && others.every(([topic]) => topics.get(topic)?.high === 1),
      seen: `${rows} rows; ${others.map(([topic]) => `${topic} ${topics.get(topic)?.high ?? 0}`).join(", ")}`,
    },
  ];
}

/** What must be there is counted by the database, what is there by Kafka's own consumer. */
async function checkSent({ sql, kafka }: Look): Promise<readonly Check[]> {
  const open = `from orders where status = 'OPEN' and "orderFlags" in (32, 64)`;
  const orders = await sql(`select count(*) ${open}`);
  const filled = await sql(`select count(*) ${open} and "totalFilled" <> 0`);
  const { low, high } = (await kafka.topics()).get(VULCAN) ?? { low: 0, high: 0 };
  const kinds = await kafka.kinds(VULCAN, high - low);
  return [
    {
      claim: "every open stateful order is a place in to-vulcan, and no other order is",
      holds: kinds.get(PLACE) === orders,
      seen: `${kinds.get(PLACE) ?? 0} places, ${orders} orders`,
    },
    {
      claim: "every partly filled one has an update besides",
      holds: kinds.get(UPDATE) === filled && kinds.size === 2,
      seen: `${kinds.get(UPDATE) ?? 0} updates, ${filled} orders`,
    },
  ];
}

async function checkCleared({ sql, kafka, redisKeys }: Look): Promise<readonly Check[]> {
  const rows = await sql(ALL_ROWS);
  const migrations = await sql("select count(*) from knex_migrations");
  const topics = await kafka.topics();
  const keys = await redisKeys();
  return [
    {
      claim: "all tables are empty, and their migrations recorded",
      holds: rows === 0 && migrations === 5,
      seen: `${rows} rows, ${migrations} migrations`,
    },
    {
      claim: "no topic holds a record, and each has all its partitions",
      holds: TOPICS.every(([topic, partitions]) => isCleared(topics.get(topic), partitions)),
      seen: TOPICS.map(([topic]) => shownLook(topic, topics.get(topic))).join("; "),
    },
    { claim: "Redis holds no key", holds: keys === ":0", seen: `DBSIZE ${keys}` },
  ];
}

/** There was something, and it is gone. */
const isCleared = (look: TopicLook | undefined, partitions: number): boolean =>
  look !== undefined && look.partitions === partitions && look.high > 0 && look.low === look.high;

const shownLook = (topic: string, look: TopicLook | undefined): string =>
  look === undefined ? `${topic} missing` : `${topic} ${look.low} to ${look.high} in ${look.partitions}`;
