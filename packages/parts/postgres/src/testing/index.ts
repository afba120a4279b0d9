// For tests: one server per run, one database per test.
export {
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
  type TestTemplate,
} from "./create-test-database.ts";
export { leakedTestDatabases } from "./leaked-test-databases.ts";
export { startTestServer, type TestServer } from "./start-test-server.ts";
export { RUN_VARIABLE, URL_VARIABLE } from "./test-run.ts";
