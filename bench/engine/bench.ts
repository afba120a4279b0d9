// What does a durable step cost over raw DBOS, how fast are 10,000 runs read, and how soon is a dead executor's run gone on with and seen?
import { createPool, type Pool } from "@tidegate/postgres";
import {
  createTestDatabase,
  RUN_VARIABLE,
  startTestServer,
  URL_VARIABLE,
  type TestDatabase,
} from "@tidegate/postgres/testing";
import type { Bar, Bench } from "../bar.ts";
import { atMost } from "../bar.ts";
import { measureReading } from "./reading.ts";
import { measureSteps } from "./steps.ts";
import { measureTakeover } from "./takeover.ts";

/** The issue's own bars. */
const STEP_BAR = 1.3;
const READING_BAR = 3;

export const bench: Bench = async ({ isQuick }) => {
  const pairs = isQuick ? 3 : 9;
  const server = await startTestServer();
  process.env[URL_VARIABLE] = server.url.reveal();
  process.env[RUN_VARIABLE] = "bench";
  try {
    return [
      ...(await withDatabase(async (database) => stepBars(database, pairs))),
      ...(await withDatabase(async (database, pool) => readingBars(database, pool, pairs))),
      ...(await withDatabase(async (database) => takeoverBars(database, isQuick ? 2 : 7))),
    ];
  } finally {
    await server.stop();
  }
};

async function withDatabase(
  work: (database: TestDatabase, pool: Pool) => Promise<readonly Bar[]>,
): Promise<readonly Bar[]> {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, applicationName: "bench", max: 4 });
  try {
    return await work(database, pool);
  } finally {
    await pool.end();
    await database.drop();
  }
}

async function stepBars(database: TestDatabase, pairs: number): Promise<readonly Bar[]> {
  const { steps, samples } = await measureSteps(database.url, pairs);
  const size = `${steps} steps a run, result a number, in pairs`;
  return [
    atMost(
      "step, ratio to raw DBOS",
      samples.map((one) => one.oursMs / one.rawMs),
      size,
      STEP_BAR,
    ),
    atMost(
      "step, ms",
      samples.map((one) => one.oursMs),
      size,
    ),
    atMost(
      "raw DBOS step, ms",
      samples.map((one) => one.rawMs),
      size,
    ),
  ];
}

async function readingBars(database: TestDatabase, pool: Pool, pairs: number): Promise<readonly Bar[]> {
  const { ls, show, runs } = await measureReading(database.url, pool, pairs * 20);
  const size = `${runs} finished runs of 12 steps`;
  return [
    atMost(
      "runs ls of 50, ratio to the bare query",
      ls.map((one) => one.oursMs / one.bareMs),
      size,
      READING_BAR,
    ),
    atMost(
      "runs show, ratio to the bare queries",
      show.map((one) => one.oursMs / one.bareMs),
      size,
      READING_BAR,
    ),
    atMost(
      "runs ls of 50, ms",
      ls.map((one) => one.oursMs),
      size,
    ),
    atMost(
      "runs show, ms",
      show.map((one) => one.oursMs),
      size,
    ),
  ];
}

async function takeoverBars(database: TestDatabase, rounds: number): Promise<readonly Bar[]> {
  const { takeoverMs, screenMs, rssMb } = await measureTakeover(database.url, rounds);
  return [
    atMost(
      "takeover after kill -9, s (aim 15)",
      takeoverMs.map((ms) => ms / 1_000),
      "two operators, a step in flight",
    ),
    atMost("operator RSS, MB (aim 250)", rssMb, "after the runs of this bench"),
    atMost("event to screen, ms (aim 200)", screenMs, "`runs watch --json`, from an event's time to its line"),
  ];
}
