// One PostgreSQL server per vitest run; every test makes its own database on it (@tidegate/postgres/testing).
import { randomBytes } from "node:crypto";
import { leakedTestDatabases, RUN_VARIABLE, startTestServer, URL_VARIABLE } from "@tidegate/postgres/testing";

/**
 * Starts the server, unless TIDEGATE_TEST_DATABASE_URL names one (of a person, or of an earlier project of this run).
 *
 * The returned teardown stops it and fails for every database that a test did not drop.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const isFirst = process.env[RUN_VARIABLE] === undefined;
  if (!isFirst) return undefined;
  process.env[RUN_VARIABLE] = randomBytes(4).toString("hex");
  const isOurs = (process.env[URL_VARIABLE] ?? "") === "";
  const server = isOurs ? await startTestServer() : undefined;
  if (server !== undefined) process.env[URL_VARIABLE] = server.url.reveal();

  return async () => {
    let leaked: readonly string[];
    try {
      leaked = await leakedTestDatabases();
    } finally {
      await server?.stop();
    }
    if (leaked.length > 0) {
      throw new Error(`Tests leaked ${leaked.length} databases (drop() was not called): ${leaked.join(", ")}`);
    }
  };
}
