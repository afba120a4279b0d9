// A process that migrates, for tests that freeze it: FOLDER SESSION_LIMIT_MS, with DATABASE_URL. Exits with 1 when it fails.
import { Secret } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { migrateToLatest } from "../migrations/run-migrations.ts";

const [folder = "", sessionLimitMs = ""] = process.argv.slice(2);
const url = new Secret(process.env["DATABASE_URL"] ?? "");
const pool = createPool({ url, applicationName: "tidegate bazooka", max: 1 });
await migrateToLatest({
  pool,
  url,
  folder,
  lockTimeoutMs: 200,
  runId: "frozen",
  idempotencyKey: "frozen/migrate",
  signal: new AbortController().signal,
  sessionLimitMs: Number(sessionLimitMs),
}).then(
  async () => pool.end(),
  () => process.exit(1),
);
