// Flushing waits for what was taken before, whatever comes after.
import { fileURLToPath } from "node:url";
import { createPool, migrate, queryRows } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { expect, it } from "vitest";
import { createProjector } from "./create-projector.ts";

const MIGRATIONS = fileURLToPath(new URL("../migrations", import.meta.url));
const RUN = {
  operation: "sample",
  version: 1,
  title: "Sample",
  by: "tester",
  createdAt: new Date(),
  parentId: null,
  lock: null,
  key: null,
  reason: null,
  planId: null,
};

it("is done with flushing while more and more is taken", async () => {
  await using cleanup = new AsyncDisposableStack();
  const database = await createTestDatabase();
  cleanup.defer(database.drop);
  const pool = createPool({ url: database.url, applicationName: "projector", max: 3 });
  cleanup.defer(async () => pool.end());
  await migrate({ pool, directory: MIGRATIONS, owner: "engine" });
  const projector = createProjector({
    pool,
    onTrouble: (error) => {
      throw error;
    },
  });
  const take = (runId: string, done: number): void =>
    projector.take({ code: "run.progress", at: new Date(), runId, step: null, data: { progress: { done } } }, {});
  projector.know({ ...RUN, runId: "busy" }, "{}");
  let done = 0;
  const flood = setInterval(() => {
    for (let n = 0; n < 20; n++) take("busy", done++);
  }, 1);
  try {
    for (let n = 0; n < 5; n++) {
      projector.know({ ...RUN, runId: `run-${n}` }, "{}");
      take(`run-${n}`, n);
      const sinceMs = performance.now();
      await Promise.race([
        projector.flush(),
        new Promise((_, reject) => {
          setTimeout(() => reject(new Error("still flushing after 5 s")), 5_000);
        }),
      ]);
      expect(performance.now() - sinceMs).toBeLessThan(3_000);
      expect(await queryRows(pool, "SELECT 1 FROM tidegate_engine.runs WHERE id = $1", [`run-${n}`])).toHaveLength(1);
    }
  } finally {
    clearInterval(flood);
    await projector.close();
  }
  const [stored] = await queryRows<{ n: bigint }>(
    pool,
    "SELECT count(*) AS n FROM tidegate_engine.events WHERE run_id = 'busy'",
  );
  expect(stored?.n).toBe(BigInt(done));
});
