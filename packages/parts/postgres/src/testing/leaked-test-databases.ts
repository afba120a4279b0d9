// The end of a test run: templates are dropped, databases that a test did not drop are named.
import { currentTestRun, withAdminClient } from "./test-run.ts";

/** Drops the run's templates and leaked databases; returns the names of the leaked ones. */
export async function leakedTestDatabases(): Promise<readonly string[]> {
  const run = currentTestRun();
  return withAdminClient(run.url, async (client) => {
    const named = async (prefix: string): Promise<string[]> => {
      const { rows } = await client.query<{ datname: string }>(
        "SELECT datname FROM pg_database WHERE starts_with(datname, $1) ORDER BY datname",
        [`${prefix}_${run.id}_`],
      );
      return rows.map((row) => row.datname);
    };
    for (const template of await named("tidegate_template")) {
      await client.query(`ALTER DATABASE ${client.escapeIdentifier(template)} IS_TEMPLATE false`);
      await client.query(`DROP DATABASE ${client.escapeIdentifier(template)} WITH (FORCE)`);
    }
    const leaked = await named("tidegate_test");
    for (const name of leaked) {
      await client.query(`DROP DATABASE ${client.escapeIdentifier(name)} WITH (FORCE)`);
    }
    return leaked;
  });
}
