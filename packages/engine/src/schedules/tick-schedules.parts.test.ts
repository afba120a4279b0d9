// Schedules beside one another: one that is slow costs the others nothing.
import { waitUntil } from "@tidegate/kernel";
import { createPool, queryRows, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EngineEvent } from "../events/engine-event.ts";
import { createDurableEngine } from "../durable/create-durable-engine.ts";
import { sampleOperation } from "../testing/sample-operations.ts";

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "ground truth", max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const everySecond = { input: {}, cron: "* * * * * *", timeZone: "UTC", lockWaitMs: 0 };

it("fires the ticks of one while another still observes, and while years of a third are passed over", async () => {
  let observing = 0;
  const events: EngineEvent[] = [];
  const engine = await createDurableEngine({
    url: database.url,
    operations: [
      sampleOperation({ name: "quick", run: async () => 1 }),
      {
        ...sampleOperation({ name: "slow", run: async () => 1 }),
        observe: async (_: unknown, { signal }: { readonly signal: AbortSignal }) => {
          observing += 1;
          return new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
          });
        },
      },
    ],
    onLost: () => undefined,
    onEvent: (event) => events.push(event),
  });
  try {
    await engine.schedules.set({ ...everySecond, name: "slow", operation: "slow", missed: "all" }, { by: "tester" });
    await waitUntil(() => observing > 0 || undefined, { what: "The slow one observing", limitMs: 10_000, remedy: "" });
    await engine.schedules.set({ ...everySecond, name: "quick", operation: "quick", missed: "skip" }, { by: "tester" });
    await engine.schedules.set({ ...everySecond, name: "old", operation: "quick", missed: "skip" }, { by: "tester" });
    await queryRows(
      pool,
      "UPDATE tidegate_engine.schedules SET ticked_until = now() - interval '10 years' WHERE name = 'old'",
    );
    const fired = (name: string): readonly number[] =>
      events.flatMap((event) =>
        event.code === "schedule.fired" && event.data.schedule === name ? [Date.parse(event.data.tick) / 1_000] : [],
      );
    await waitUntil(() => (fired("quick").length >= 4 && fired("old").length >= 2) || undefined, {
      what: "Four ticks",
      limitMs: 20_000,
      remedy: "",
    });
    const ticks = fired("quick");
    expect(ticks.map((tick) => tick - (ticks[0] ?? 0))).toEqual(ticks.map((_, index) => index));
    expect(observing).toBe(1);
    expect(events.find((event) => event.code === "schedule.skipped")?.data).toMatchObject({
      schedule: "old",
      hasOlder: true,
    });
  } finally {
    await engine.stop();
  }
});
