// For tests and benches: servers of their own.
export { startTestServer, type TestRedis } from "./start-test-server.ts";
