// The life line: any statement on its session that is not answered in time is a sign of life that failed.
import { Secret } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { expect, it } from "vitest";
import type { ExecutorLost } from "../errors/executor-errors.ts";
import { holdExecutorLock } from "./executor-lock.ts";

it("is lost with the first statement that is not answered, whoever asked", async () => {
  await using cleanup = new AsyncDisposableStack();
  const database = await createTestDatabase();
  cleanup.defer(database.drop);
  const pool = createPool({ url: new Secret(database.url.reveal()), applicationName: "ground truth", max: 1 });
  cleanup.defer(async () => pool.end());
  await pool.query(
    `CREATE SCHEMA tidegate_engine;
     CREATE TABLE tidegate_engine.executors (number bigint GENERATED ALWAYS AS IDENTITY, id text, host text, pid integer, operations text[])`,
  );
  const lost = Promise.withResolvers<ExecutorLost>();
  const lock = await holdExecutorLock({
    url: database.url,
    executor: "one",
    host: "here",
    operations: [],
    // No ping comes to the aid of this test.
    timing: { pingMs: 60_000, pingLimitMs: 1_000, silenceMs: 90_000 },
    onLost: lost.resolve,
    onNotification: () => undefined,
  });
  cleanup.defer(lock.release);
  // An answer of the server, if only a refusal, is a sign of life.
  await expect(lock.query("SELECT 1 / 0")).rejects.toThrow("division by zero");
  const sinceMs = performance.now();
  await expect(lock.query("SELECT pg_sleep(20)")).rejects.toThrow("timeout");
  expect(await lost.promise).toMatchObject({ code: "engine.executor-lost" });
  expect(performance.now() - sinceMs).toBeLessThan(5_000);
});
