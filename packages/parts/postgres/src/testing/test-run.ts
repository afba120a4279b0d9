// What the global set-up of a test run leaves for its workers, in the environment.
import { PartIsOff, Secret } from "@tidegate/kernel";
import { Client } from "pg";

export const URL_VARIABLE = "TIDEGATE_TEST_DATABASE_URL";
export const RUN_VARIABLE = "TIDEGATE_TEST_RUN";

export interface TestRun {
  readonly url: Secret;
  /** Part of every database name, so that runs on one server do not meet. */
  readonly id: string;
}

/** Throws PartIsOff where no server was set up. */
export function currentTestRun(): TestRun {
  const url = process.env[URL_VARIABLE];
  if (url === undefined || url === "") {
    throw new PartIsOff({
      part: "test database",
      reason: `${URL_VARIABLE} is not set`,
      remedy:
        "Run the test in a vitest project with globalSetup tests/setup/postgres.global.ts, or set it to a server's URL.",
    });
  }
  return { url: new Secret(url), id: process.env[RUN_VARIABLE] ?? "manual" };
}

/** The same server, another database. */
export function urlOfDatabase(url: Secret, database: string): Secret {
  const changed = new URL(url.reveal());
  changed.pathname = `/${database}`;
  return new Secret(changed.href);
}

/** Runs `work` on one connection to the URL's database, without a limit on statements: template databases can take long. */
export async function withAdminClient<T>(url: Secret, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url.reveal(),
    application_name: "tidegate tests",
    connectionTimeoutMillis: 30_000,
    query_timeout: 120_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}
